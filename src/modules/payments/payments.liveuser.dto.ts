import { Id, IdList } from '../../protocols/fields.js';
import type { StartedPayment } from './wechat-payments.service.js';

export class PrepayDto {
  /** Beyond the document, whose request is empty. */
  @Id({ optional: true, example: 1 })
  order_id?: number;

  @IdList(1, 100, { optional: true, example: [1, 2] })
  order_ids?: number[];
}

export function prepayView({ prepayId, paymentId, timeStamp, nonceStr, ...rest }: StartedPayment): object {
  const { package: pack, signType, paySign } = rest;
  return { prepay_id: prepayId, payment_id: paymentId, timeStamp, nonceStr, package: pack, signType, paySign };
}
