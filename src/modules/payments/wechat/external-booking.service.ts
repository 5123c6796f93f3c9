import { Injectable } from '@nestjs/common';
import type { Fen } from '../../../common/money.js';
import type { Tx } from '../../../database/transactions.js';
import type { WechatRefund } from '../../../integrations/wechat/pay.types.js';
import { SYSTEM } from '../../orders/order.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { RechargeStore } from '../records/recharge-store.js';
import type { Recharge } from '../records/recharge.entity.js';
import { OWN_REFUND_NO, RefundBooking } from '../records/refund-booking.service.js';
import { RefundStore } from '../records/refund-store.js';
import { Clawback, divideRefund } from './clawback.js';

/** A successful refund at WeChat whose number is not ours: somebody made it in the merchant console. */
export type ExternalRefund = Pick<
  WechatRefund,
  'mchId' | 'outRefundNo' | 'outTradeNo' | 'transactionId' | 'refund' | 'total'
>;

interface Taken {
  readonly outRefundNo: string;
  readonly amount: Fen;
  readonly status: 'presumed' | 'succeeded';
}

const REASON = '微信侧退款';

/** The money is gone at WeChat, so the books follow: from whoever had it, and what he has no more is a loss that alarms. */
@Injectable()
export class ExternalBooking {
  constructor(
    private readonly payments: PaymentStore,
    private readonly recharges: RechargeStore,
    private readonly refunds: RefundStore,
    private readonly clawback: Clawback,
    private readonly booking: RefundBooking,
    private readonly alerts: PaymentAlerts,
  ) {}

  /** What a booking needs to know, read before the transaction, because nothing of it changes any more; null for orders. */
  async rechargeOf(payment: Payment): Promise<Recharge | null> {
    return payment.kind === 'recharge' ? this.recharges.get(payment.id) : null;
  }

  /** Of a captured payment, in place of what was presumed of it. */
  async book(tx: Tx, payment: Payment, recharge: Recharge | null, found: ExternalRefund): Promise<void> {
    const { outRefundNo, refund: amount } = found;
    const presumed = await this.refunds.lockPresumed(tx, payment.id);
    await this.alerts.raiseIn(tx, 'external_refund', outRefundNo, { outTradeNo: found.outTradeNo, refund: amount });
    if (presumed?.amount === amount) return this.refunds.confirm(tx, presumed.id, outRefundNo);
    if (presumed) await this.booking.withdraw(tx, presumed, REASON);
    await this.take(tx, payment, recharge, { outRefundNo, amount, status: 'succeeded' });
    // A number of ours that is not in our books is of a backup's lost hours: whether goods went out for the rest, a person knows.
    if (!OWN_REFUND_NO.test(outRefundNo)) await this.giveBackRest(tx, payment);
  }

  /**
   * A payment of which WeChat says, when it is asked, that money went back, and not how much: it counts as the whole, so that nobody
   * ships for it and nobody spends it, until the notification or the bill names number and amount.
   */
  async presume(tx: Tx, payment: Payment, recharge: Recharge | null): Promise<void> {
    const outRefundNo = `query:${payment.outTradeNo}`;
    await this.alerts.raiseIn(tx, 'external_refund', outRefundNo, {
      outTradeNo: payment.outTradeNo,
      presumed: payment.amount,
    });
    await this.take(tx, payment, recharge, { outRefundNo, amount: payment.amount, status: 'presumed' });
  }

  /** The refund that was presumed has failed at WeChat: what pays no order goes back from here. */
  async withdraw(tx: Tx, payment: Payment): Promise<void> {
    const presumed = await this.refunds.lockPresumed(tx, payment.id);
    if (!presumed) return;
    await this.booking.withdraw(tx, presumed, '微信退款关闭');
    await this.giveBackRest(tx, payment);
  }

  private async take(tx: Tx, payment: Payment, recharge: Recharge | null, taken: Taken): Promise<void> {
    const { outRefundNo, amount } = taken;
    const shares = recharge ? [] : (await this.payments.sharesIn(tx, payment.id)).filter((share) => share.amount > 0);
    const parts = divideRefund(shares, amount);
    const { postings, loss } = recharge
      ? await this.clawback.fromUser(tx, recharge, amount)
      : await this.clawback.fromMerchants(tx, shares, parts, amount);
    const label = {
      orderId: shares.length === 1 ? shares[0].orderId : null,
      itemId: recharge?.itemId ?? shares[0]?.productId ?? null,
      name: recharge?.name ?? shares[0]?.name ?? '',
    };
    await this.booking.bookExternal(tx, payment, { ...taken, reason: REASON, parts, postings }, label);
    if (loss > 0) await this.alerts.raiseIn(tx, 'loss', outRefundNo, { outTradeNo: payment.outTradeNo, loss });
  }

  /** Shares that pay no order any more. */
  private async giveBackRest(tx: Tx, payment: Payment): Promise<void> {
    for (const share of await this.payments.sharesIn(tx, payment.id)) {
      if (share.applied || share.amount <= share.reserved) continue;
      const reason = '订单已关闭，余款自动退回';
      await this.booking.open(tx, payment, share, null, { origin: 'automatic', actor: SYSTEM, reason });
    }
  }
}
