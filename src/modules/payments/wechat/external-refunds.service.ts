import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { isDuplicateKey } from '../../../database/errors.js';
import type { Tx } from '../../../database/transactions.js';
import type { WechatRefund } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { Inbox, type NotificationRef } from '../records/inbox.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { RechargeStore } from '../records/recharge-store.js';
import type { Recharge } from '../records/recharge.entity.js';
import { RefundBooking } from '../records/refund-booking.service.js';
import { Clawback, divideRefund } from './clawback.js';
import { PaymentCloser } from './payment-closer.service.js';
import { refundMismatch } from './wechat-mismatch.js';

/** A successful refund at WeChat whose number is not ours: somebody made it in the merchant console. */
export type ExternalRefund = Pick<
  WechatRefund,
  'mchId' | 'outRefundNo' | 'outTradeNo' | 'transactionId' | 'refund' | 'total'
>;

/** The money is gone at WeChat, so the books follow: from whoever had it, and what he has no more is a loss that alarms. */
@Injectable()
export class ExternalRefunds {
  constructor(
    private readonly wechat: WechatPayClient,
    private readonly payments: PaymentStore,
    private readonly recharges: RechargeStore,
    private readonly closer: PaymentCloser,
    private readonly clawback: Clawback,
    private readonly booking: RefundBooking,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
  ) {}

  /**
   * What a notification says. A refund can overtake the notification of its payment: then WeChat is asked about the payment first.
   * @throws DomainError `unavailable` when the payment cannot be verified yet; `conflict` as {@link record}
   */
  async receive(known: Payment, found: WechatRefund, notification: NotificationRef): Promise<void> {
    if (known.status !== 'captured' && (await this.closer.refresh(known)) !== 'captured') {
      throw new DomainError('unavailable', 'the payment is not known to be paid yet', { retryAfter: 5 });
    }
    const payment = (await this.payments.find(known.id)) ?? known;
    if (found.status === 'SUCCESS') return this.record(payment, found, notification);
    const { outRefundNo, status, outTradeNo } = found;
    await this.alerts.raise('external_refund', outRefundNo, { status, outTradeNo });
  }

  /** Once per number. @throws DomainError `conflict` when it does not fit the captured payment */
  async record(payment: Payment, found: ExternalRefund, notification?: NotificationRef): Promise<void> {
    const mismatch = refundMismatch({ ...payment, refund: found.refund }, found, this.wechat.mchId);
    if (mismatch || payment.status !== 'captured' || found.refund < 1 || found.refund > payment.amount) {
      await this.alerts.raise('mismatch', found.outRefundNo, { field: mismatch ?? 'payment', theirs: found });
      throw new DomainError('conflict', 'the refund does not fit the payment');
    }
    const recharge = payment.kind === 'recharge' ? await this.recharges.get(payment.id) : null;
    try {
      await this.inbox.receive(notification, (tx) => this.book(tx, payment, recharge, found));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  private async book(tx: Tx, payment: Payment, recharge: Recharge | null, found: ExternalRefund): Promise<void> {
    const { outTradeNo, outRefundNo, refund: amount } = found;
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
    const reason = '微信侧退款';
    await this.booking.bookExternal(tx, payment, { outRefundNo, amount, reason, parts, postings }, label);
    await this.alerts.raiseIn(tx, 'external_refund', outRefundNo, { outTradeNo, refund: amount });
    if (loss > 0) await this.alerts.raiseIn(tx, 'loss', outRefundNo, { outTradeNo, loss });
  }
}
