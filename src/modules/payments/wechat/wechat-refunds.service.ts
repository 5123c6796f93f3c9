import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import type { Lane } from '../../../integrations/wechat/outgoing.js';
import type { WechatRefund } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { Inbox, type NotificationRef } from '../records/inbox.js';
import type { AlertKind } from '../records/payment-alert.entity.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import { RefundBooking } from '../records/refund-booking.service.js';
import { RefundStore } from '../records/refund-store.js';
import type { Refund } from '../records/refund.entity.js';
import { refundMismatch } from './wechat-mismatch.js';

/** The user's account takes no money: a person must settle it, nothing is reversed. */
const UNDELIVERABLE = ['USER_ACCOUNT_ABNORMAL'];

/** Refunds on their way through WeChat. Repeats use the same number and the same frozen parameters, so one of them counts. */
@Injectable()
export class WechatRefunds {
  private readonly logger = new Logger('Refund');

  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly booking: RefundBooking,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
  ) {}

  /** One step: asks for the refund, or after it. Whatever is not final, or breaks, comes up again on the ladder. */
  async advance(refund: Refund, lane?: Lane): Promise<void> {
    let isOver = false;
    try {
      isOver = await this.step(refund, lane);
    } finally {
      if (!isOver) await this.transactions.run((tx) => this.refunds.scheduleCheck(tx, refund));
    }
  }

  /**
   * What WeChat says of a refund of ours, from a notification, a query or the call itself. Final states are booked once.
   * @throws DomainError `conflict` when it does not fit: an alert is left, nothing moves, a later right one still can
   */
  async record(refund: Refund, found: WechatRefund, notification?: NotificationRef): Promise<void> {
    const payment = await this.payments.find(refund.paymentId);
    const expected = payment && { ...payment, refund: refund.amount };
    const mismatch = expected ? refundMismatch(expected, found, this.wechat.mchId) : 'payment';
    if (mismatch) {
      await this.alerts.raise('mismatch', found.outRefundNo, { field: mismatch, theirs: found, amount: refund.amount });
      throw new DomainError('conflict', 'the refund does not fit ours');
    }
    await this.inbox.receive(notification, (tx) => this.book(tx, refund, found));
  }

  private async book(tx: Tx, refund: Refund, { status, refundId }: WechatRefund): Promise<void> {
    const subject = refund.outRefundNo ?? '';
    if (status === 'SUCCESS') await this.booking.succeed(tx, refund);
    else if (status === 'PROCESSING') await this.refunds.move(tx, refund.id, 'processing');
    else if (status === 'CLOSED') {
      if (!(await this.booking.fail(tx, refund, '微信退款关闭'))) return;
      await this.alerts.raiseIn(tx, 'refund_closed', subject, { refundId });
    } else if (await this.refunds.move(tx, refund.id, 'abnormal')) {
      await this.alerts.raiseIn(tx, 'refund_abnormal', subject, { refundId });
    }
  }

  /** True when the refund has come to its end. */
  private async step(refund: Refund, lane?: Lane): Promise<boolean> {
    const asked = refund.status !== 'pending';
    const outcome = asked
      ? await this.wechat.queryRefund(refund.outRefundNo!, { lane })
      : await this.wechat.refund(refund.parameters!, { lane });
    if (outcome.kind === 'ok') return this.take(refund, outcome.value);
    if (outcome.kind === 'refused' && !asked) return this.refused(refund, outcome, lane);
    const reason = 'code' in outcome ? outcome.code : outcome.reason;
    this.logger.warn({ outRefundNo: refund.outRefundNo, outcome: outcome.kind, reason });
    if (reason === 'NOT_ENOUGH') await this.alert('refund_no_funds', refund, reason);
    return false;
  }

  private async take(refund: Refund, found: WechatRefund): Promise<boolean> {
    try {
      await this.record(refund, found);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'conflict') return false;
      throw error;
    }
    return found.status === 'SUCCESS' || found.status === 'CLOSED';
  }

  /** A final no counts only when WeChat also knows no refund of that number: an earlier call may have gone through. */
  private async refused(refund: Refund, refusal: { readonly code: string }, lane?: Lane): Promise<boolean> {
    const known = await this.wechat.queryRefund(refund.outRefundNo!, { lane });
    if (known.kind === 'ok') return this.take(refund, known.value);
    if (known.kind !== 'refused') return false;
    if (UNDELIVERABLE.includes(refusal.code)) {
      await this.alert('refund_abnormal', refund, refusal.code);
      return false;
    }
    await this.transactions.run(async (tx) => {
      if (!(await this.booking.fail(tx, refund, `微信拒绝退款 ${refusal.code}`))) return;
      await this.alerts.raiseIn(tx, 'refund_refused', refund.outRefundNo ?? '', { code: refusal.code });
    });
    return true;
  }

  private alert(kind: AlertKind, refund: Refund, code: string): Promise<void> {
    return this.alerts.raise(kind, refund.outRefundNo ?? '', { code, paymentId: refund.paymentId });
  }
}
