import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { isDuplicateKey } from '../../../database/errors.js';
import type { WechatRefund } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { Inbox, type NotificationRef } from '../records/inbox.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { ExternalBooking, type ExternalRefund } from './external-booking.service.js';
import { PaymentCloser } from './payment-closer.service.js';
import { refundMismatch } from './wechat-mismatch.js';

/** Refunds that somebody made at WeChat, as notifications and bills tell of them. */
@Injectable()
export class ExternalRefunds {
  constructor(
    private readonly wechat: WechatPayClient,
    private readonly payments: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly booking: ExternalBooking,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
  ) {}

  /**
   * What a notification says. A refund can overtake the notification of its payment: then WeChat is asked about the payment first.
   * @throws DomainError `unavailable` when the payment cannot be verified yet; `conflict` as {@link record}
   */
  async receive(known: Payment, found: WechatRefund, notification: NotificationRef): Promise<void> {
    const inquiry = { refundFollows: found.status === 'SUCCESS' };
    if (known.status !== 'captured' && (await this.closer.refresh(known, inquiry)) !== 'captured') {
      throw new DomainError('unavailable', 'the payment is not known to be paid yet', { retryAfter: 5 });
    }
    const payment = (await this.payments.find(known.id)) ?? known;
    if (found.status === 'SUCCESS') return this.record(payment, found, notification);
    const { outRefundNo, status, outTradeNo } = found;
    await this.inbox.receive(notification, async (tx) => {
      if (status === 'CLOSED') await this.booking.withdraw(tx, payment);
      await this.alerts.raiseIn(tx, 'external_refund', outRefundNo, { status, outTradeNo });
    });
  }

  /** Once per number. @throws DomainError `conflict` when it does not fit the captured payment */
  async record(payment: Payment, found: ExternalRefund, notification?: NotificationRef): Promise<void> {
    const mismatch = refundMismatch({ ...payment, refund: found.refund }, found, this.wechat.mchId);
    if (mismatch || payment.status !== 'captured' || found.refund < 1 || found.refund > payment.amount) {
      await this.alerts.raise('mismatch', found.outRefundNo, { field: mismatch ?? 'payment', theirs: found });
      throw new DomainError('conflict', 'the refund does not fit the payment');
    }
    const recharge = await this.booking.rechargeOf(payment);
    try {
      await this.inbox.receive(notification, (tx) => this.booking.book(tx, payment, recharge, found));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
