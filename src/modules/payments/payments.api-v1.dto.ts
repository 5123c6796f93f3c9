import { PartialType } from '@nestjs/swagger';
import { Field, IdList, OneOf } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import { ViewId, ViewIdList, ViewOneOf, ViewSeconds, ViewYuan } from '../../protocols/view-fields.js';
import type { PayResult } from './payments.service.js';
import {
  MINI_PROGRAM_EXAMPLE,
  MiniProgramPaymentView,
  miniProgramPaymentView,
} from './wechat/mini-program-payment.dto.js';
import { paymentKey } from './wechat/payment-key.dto.js';
import type { PaymentDetails } from './wechat/payment-lookup.service.js';

export class PayDto {
  /** Own unpaid orders, each once: one payment for all of them. */
  @IdList(1, 100, { example: [1, 2] }) order_ids!: number[];
  @OneOf(['wechat', 'balance', 'coupon'], { example: 'wechat' }) channel!: 'wechat' | 'balance' | 'coupon';
}

export class PaymentDto {
  @Field(paymentKey, { example: 1 }) payment_id!: string;
}

/** The fields of wx.requestPayment are there when the channel is `wechat`. */
export class PayView extends PartialType(MiniProgramPaymentView) {
  @ViewId() payment_id!: number;
}

export class PaymentView {
  @ViewId() payment_id!: number;
  /** `mixed`: coupon and balance. */
  @ViewOneOf('wechat', 'balance', 'coupon', 'mixed') channel!: PaymentDetails['channel'];
  /** `closed`: given up; `failed`: WeChat never took it. */
  @ViewOneOf('pending', 'captured', 'closed', 'failed') status!: PaymentDetails['status'];
  @ViewYuan(0) amount!: number;
  @ViewYuan(0) refunded!: number;
  /** Empty for a recharge. */
  @ViewIdList() order_ids!: number[];
  @ViewSeconds() pay_time!: number;
}

export const PAY_EXAMPLE: PayView = { payment_id: 1, ...MINI_PROGRAM_EXAMPLE };

export const PAYMENT_EXAMPLE: PaymentView = {
  payment_id: 1,
  channel: 'wechat',
  status: 'captured',
  amount: 23.5,
  refunded: 0,
  order_ids: [1, 2],
  pay_time: 1795180000,
};

export function payView(result: PayResult): PayView {
  return { payment_id: result.paymentId, ...('prepayId' in result ? miniProgramPaymentView(result) : {}) };
}

export function paymentView(payment: PaymentDetails): PaymentView {
  return {
    payment_id: payment.id,
    channel: payment.channel,
    status: payment.status,
    amount: toYuan(payment.amount),
    refunded: toYuan(payment.refunded),
    order_ids: [...payment.orderIds],
    pay_time: toSeconds(payment.capturedAt),
  };
}
