import { Id, IdList } from '../../protocols/fields.js';
import { ViewId } from '../../protocols/view-fields.js';
import {
  MINI_PROGRAM_EXAMPLE,
  MiniProgramPaymentView,
  miniProgramPaymentView,
} from './wechat/mini-program-payment.dto.js';
import type { StartedPayment } from './wechat/wechat-payments.service.js';

export class PrepayDto {
  /** Beyond the document, whose request is empty. */
  @Id({ optional: true, example: 1 }) order_id?: number;
  @IdList(1, 100, { optional: true, example: [1, 2] }) order_ids?: number[];
}

export class PrepayView extends MiniProgramPaymentView {
  prepay_id!: string;
  @ViewId() payment_id!: number;
}

export const PREPAY_EXAMPLE: PrepayView = {
  prepay_id: 'wx20112000000000000000000000000001',
  payment_id: 1,
  ...MINI_PROGRAM_EXAMPLE,
};

export function prepayView(payment: StartedPayment): PrepayView {
  const { prepayId, paymentId } = payment;
  return { prepay_id: prepayId, payment_id: paymentId, ...miniProgramPaymentView(payment) };
}
