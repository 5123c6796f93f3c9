import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import type { WechatTransaction } from '../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../integrations/wechat/wechat-pay.client.js';
import { type LedgerPost, LedgerService } from '../ledger/ledger.service.js';
import { OrderSettlement, OrderStatus, SYSTEM } from '../orders/order-settlement.service.js';
import { Inbox, type NotificationRef } from './inbox.js';
import { PaymentAlerts } from './payment-alerts.service.js';
import { captureOf, rechargePostings } from './payment-postings.js';
import { PaymentStore, type Payment, type PaymentShare } from './payment-store.js';
import { RechargeStore } from './recharge-store.js';
import { RefundBooking } from './refund-booking.service.js';
import { transactionMismatch } from './wechat-mismatch.js';

/** Money that WeChat says has arrived: compared, booked, and the orders moved, in one transaction and once. */
@Injectable()
export class CaptureService {
  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly ledger: LedgerService,
    private readonly settlement: OrderSettlement,
    private readonly store: PaymentStore,
    private readonly recharges: RechargeStore,
    private readonly refunds: RefundBooking,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
    private readonly clock: Clock,
  ) {}

  /**
   * `found` was verified, from a notification or a query. Repeats, and any number of them at once, have one effect.
   * @throws DomainError `conflict` when it does not fit the attempt: an alert is left, nothing moves, a later right one still can
   */
  async record(payment: Payment, found: WechatTransaction, notification?: NotificationRef): Promise<void> {
    const mismatch = transactionMismatch(payment, found, this.wechat.mchId);
    if (mismatch) {
      const { appId, mchId, total, currency, transactionId, tradeState } = found;
      const theirs = { appId, mchId, total, currency, transactionId, tradeState };
      await this.alerts.raise('mismatch', found.outTradeNo, { field: mismatch, theirs, amount: payment.amount });
      throw new DomainError('conflict', 'the payment does not fit the order');
    }
    const posts = await this.postsOf(payment);
    await this.transactions.run(async (tx) => {
      if (notification && !(await this.inbox.accept(tx, notification))) return;
      await this.book(tx, payment, posts, found);
    });
  }

  /** The wallet first, then payment, orders and products. The ledger's key decides who books it. */
  private async book(tx: Tx, payment: Payment, posts: readonly LedgerPost[], found: WechatTransaction): Promise<void> {
    for (const post of posts) {
      const { replayed } = await this.ledger.post(tx, post);
      if (replayed) return;
    }
    const paidAt = found.successTime ?? this.clock.date();
    const change = { transactionId: found.transactionId, capturedAt: paidAt.getTime() };
    if (!(await this.store.move(tx, payment.id, 'captured', change))) {
      throw new Error(`payment ${payment.id} is captured without its ledger transaction`);
    }
    if (payment.kind === 'order') await this.settleOrders(tx, payment, paidAt);
  }

  private async settleOrders(tx: Tx, payment: Payment, paidAt: Date): Promise<void> {
    const shares = await this.store.sharesIn(tx, payment.id);
    const orders = await this.settlement.lockOrders(
      tx,
      shares.map((share) => share.orderId),
    );
    const payable = new Map(
      orders.filter((order) => order.status === OrderStatus.pendingPayment).map((order) => [order.id, order.total]),
    );
    const fits = (share: PaymentShare): boolean => payable.get(share.orderId) === share.amount;
    const paid = shares.filter(fits).map((share) => share.orderId);
    if (paid.length > 0) await this.settlement.markPaid(tx, paid, { channel: 'wechat', paidAt, actor: SYSTEM });
    await this.store.markApplied(tx, payment.id, paid);
    for (const late of shares.filter((share) => !fits(share) && share.amount > 0)) {
      await this.refunds.open(tx, payment, late, null, {
        origin: 'automatic',
        actor: SYSTEM,
        reason: '订单已关闭或已支付，自动退款',
        nextCheckAt: this.clock.now(),
      });
    }
  }

  private async postsOf(payment: Payment): Promise<LedgerPost[]> {
    if (payment.kind === 'recharge') {
      const { userId, itemId, name, money, charge } = await this.recharges.get(payment.id);
      const postings = rechargePostings(userId, money, charge);
      return [{ key: `payment:${payment.id}:recharge`, kind: 'recharge', postings, itemId, name }];
    }
    const shares = await this.store.shares(payment.id);
    return shares
      .filter((share) => share.amount > 0)
      .map((share) => ({
        key: `payment:${payment.id}:order:${share.orderId}`,
        kind: 'order_payment',
        postings: captureOf(share),
        orderId: share.orderId,
        itemId: share.productId,
        name: share.name,
      }));
  }
}
