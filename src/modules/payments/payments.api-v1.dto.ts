import { Field, Id, IdList, OneOf, Str, Yuan } from '../../protocols/fields.js';
import { id, REFUSED, toSeconds, toYuan, type Codec } from '../../protocols/scalars.js';
import { MAX_FEN, type Fen } from '../../common/money.js';
import type { BillDifference } from './bill-store.js';
import type { PayResult, ShownPayment } from './payments.service.js';
import type { RefundAnswer } from './refunds.service.js';

/** A payment's number, or the random text that the web wire calls payment_id. */
export const paymentKey: Codec<string> = {
  decode: (raw) => {
    const number = id.decode(raw);
    if (number !== REFUSED) return String(number);
    return typeof raw === 'string' && /^LM[0-9a-f]{28}$/.test(raw) ? raw : REFUSED;
  },
  rule: 'a payment id',
  schema: { oneOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }] },
};

export class PayDto {
  /** Own unpaid orders, each once: one payment for all of them. */
  @IdList(1, 100, { example: [1, 2] })
  order_ids!: number[];

  @OneOf(['wechat', 'balance', 'coupon'], { example: 'wechat' })
  channel!: 'wechat' | 'balance' | 'coupon';
}

export class PaymentDto {
  @Field(paymentKey, { example: 1 })
  payment_id!: string;
}

export class RefundDto {
  @Id({ example: 1 })
  order_id!: number;

  /** Omitted: all that is left. */
  @Yuan(1, MAX_FEN, { optional: true, example: 5.5 })
  amount?: Fen;

  @Str(1, 200, { example: '商品缺货' })
  reason!: string;
}

export class DifferencesDto {
  /** A day in Beijing time. */
  @Str(10, 10, { example: '2026-11-20' })
  date!: string;
}

export function payView(result: PayResult): object {
  if (!('prepayId' in result)) return { payment_id: result.paymentId };
  const { paymentId, timeStamp, nonceStr, package: pack, signType, paySign } = result;
  return { payment_id: paymentId, timeStamp, nonceStr, package: pack, signType, paySign };
}

export function paymentView(payment: ShownPayment): object {
  return {
    payment_id: payment.id,
    channel: payment.channel,
    status: payment.status,
    amount: toYuan(payment.amount),
    refunded: toYuan(payment.refunded),
    order_ids: payment.orderIds,
    pay_time: toSeconds(payment.capturedAt),
  };
}

export function refundView({ refundId, status }: RefundAnswer): object {
  return { refund_id: refundId, status };
}

export function differencesView(differences: readonly BillDifference[]): object {
  return {
    differences: differences.map(({ outTradeNo, kind, ours, theirs }) => ({
      out_trade_no: outTradeNo,
      kind,
      ours: ours === null ? null : toYuan(ours),
      theirs: theirs === null ? null : toYuan(theirs),
    })),
  };
}
