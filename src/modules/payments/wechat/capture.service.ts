import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { CaptureBooking } from '../records/capture-booking.service.js';
import { Inbox, type NotificationRef } from '../records/inbox.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import type { Payment } from '../records/payment.entity.js';
import { ExternalBooking } from './external-booking.service.js';
import { transactionMismatch } from './wechat-mismatch.js';

/** Money that WeChat says has arrived: compared, booked, and the orders moved, in one transaction and once. */
@Injectable()
export class CaptureService {
  constructor(
    private readonly wechat: WechatPayClient,
    private readonly inbox: Inbox,
    private readonly booking: CaptureBooking,
    private readonly external: ExternalBooking,
    private readonly alerts: PaymentAlerts,
  ) {}

  /**
   * `found` was verified, from a notification or a query. Repeats, and any number of them at once, have one effect. Money that went
   * back since is booked as gone with it, unless the caller books the refund himself (`refundFollows`).
   * @throws DomainError `conflict` when it does not fit the attempt: an alert is left, nothing moves, a later right one still can
   */
  async record(
    payment: Payment,
    found: WechatTransaction,
    {
      notification,
      refundFollows = false,
    }: { notification?: NotificationRef; refundFollows?: boolean | undefined } = {},
  ): Promise<void> {
    const mismatch = transactionMismatch(payment, found, this.wechat.mchId);
    if (mismatch) {
      const { appId, mchId, total, currency, transactionId, tradeState } = found;
      const theirs = { appId, mchId, total, currency, transactionId, tradeState };
      await this.alerts.raise('mismatch', found.outTradeNo, { field: mismatch, theirs, amount: payment.amount });
      throw new DomainError('conflict', 'the payment does not fit the order');
    }
    const posts = await this.booking.postsOf(payment);
    const presumed = found.tradeState === 'REFUND' && !refundFollows;
    const recharge = presumed ? await this.external.rechargeOf(payment) : null;
    await this.inbox.receive(notification, async (tx) => {
      const isNew = await this.booking.book(tx, payment, posts, found);
      if (isNew && presumed) await this.external.presume(tx, payment, recharge);
    });
  }
}
