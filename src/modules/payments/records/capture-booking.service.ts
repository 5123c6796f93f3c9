import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import type { Tx } from '../../../database/transactions.js';
import type { WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import type { LedgerPost } from '../../ledger/posting.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { OrderStatus } from '../../orders/order-status.js';
import { SYSTEM } from '../../orders/order.js';
import type { PaymentOrder } from './payment-order.entity.js';
import { capturePostings, rechargePostings } from './payment-postings.js';
import { PaymentStore } from './payment-store.js';
import type { Payment } from './payment.entity.js';
import { RechargeStore } from './recharge-store.js';
import { RefundBooking } from './refund-booking.service.js';

/** What money that has arrived at WeChat does to the books. */
@Injectable()
export class CaptureBooking {
  constructor(
    private readonly ledger: LedgerService,
    private readonly lifecycle: OrderLifecycle,
    private readonly payments: PaymentStore,
    private readonly recharges: RechargeStore,
    private readonly refunds: RefundBooking,
    private readonly clock: Clock,
  ) {}

  /** What a capture posts: read before the transaction, because nothing of it changes any more. */
  async postsOf(payment: Payment): Promise<LedgerPost[]> {
    if (payment.kind === 'recharge') {
      const { userId, itemId, name, money, charge } = await this.recharges.get(payment.id);
      const postings = rechargePostings(userId, money, charge);
      return [{ key: `payment:${payment.id}:recharge`, kind: 'recharge', postings, itemId, name }];
    }
    const shares = await this.payments.shares(payment.id);
    return shares
      .filter((share) => share.amount > 0)
      .map((share) => ({
        key: `payment:${payment.id}:order:${share.orderId}`,
        kind: 'order_payment',
        postings: capturePostings(share),
        orderId: share.orderId,
        itemId: share.productId,
        name: share.name,
      }));
  }

  /** The wallet first, then payment, orders and products. The ledger's key decides who books it; false when that was done before. */
  async book(tx: Tx, payment: Payment, posts: readonly LedgerPost[], found: WechatTransaction): Promise<boolean> {
    const posted = await this.ledger.postAll(tx, posts);
    if (posted.some(({ replayed }) => replayed)) return false;
    const paidAt = found.successTime ?? this.clock.date();
    const change = { transactionId: found.transactionId, capturedAt: paidAt.getTime() };
    if (!(await this.payments.move(tx, payment.id, 'captured', change))) {
      throw new Error(`payment ${payment.id} is captured without its ledger transaction`);
    }
    if (payment.kind === 'order') await this.settleOrders(tx, payment, paidAt, found.tradeState === 'REFUND');
    return true;
  }

  /** Orders that still want exactly this money are paid; what came too late goes back, unless somebody has sent it back already. */
  private async settleOrders(tx: Tx, payment: Payment, paidAt: Date, isRefunded: boolean): Promise<void> {
    const shares = await this.payments.sharesIn(tx, payment.id);
    const orders = await this.lifecycle.lockOrders(
      tx,
      shares.map((share) => share.orderId),
    );
    const payable = new Map(
      orders.filter((order) => order.status === OrderStatus.pendingPayment).map((order) => [order.id, order.total]),
    );
    const fits = (share: PaymentOrder): boolean => payable.get(share.orderId) === share.amount;
    const paid = shares.filter(fits).map((share) => share.orderId);
    if (paid.length > 0) await this.lifecycle.markPaid(tx, paid, { channel: 'wechat', paidAt, actorOf: () => SYSTEM });
    await this.payments.markApplied(tx, payment.id, paid);
    if (isRefunded) return;
    for (const late of shares.filter((share) => !fits(share) && share.amount > 0)) {
      const reason = '订单已关闭或已支付，自动退款';
      await this.refunds.open(tx, payment, late, null, { origin: 'automatic', actor: SYSTEM, reason });
    }
  }
}
