import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { fen, type Fen } from '../../common/money.js';
import { Config } from '../../config/config.js';
import { Idempotency } from '../../database/idempotency.js';
import type { Tx } from '../../database/transactions.js';
import { account } from '../ledger/chart-of-accounts.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { OrderSettlement, type PayableOrder } from '../orders/order-settlement.service.js';
import { couponCap } from './coupon-share.js';
import { PaymentCloser } from './payment-closer.service.js';
import { walletPostings } from './payment-postings.js';
import { PaymentStore, type ShareDraft, type WalletChannel } from './payment-store.js';
import { payableProblem, refuseChanged } from './payable-orders.js';

/** How much of each order a coupon pays. */
type Split = (orders: readonly PayableOrder[]) => Fen[];

/** Paying from balance and coupon: the money moves at once, in one transaction with the orders. */
@Injectable()
export class WalletPayments {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly ledger: LedgerService,
    private readonly settlement: OrderSettlement,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Pays unpaid orders of the caller, all or none. With `coupon` each order takes coupon for as much as COUPON_MAX_SHARE
   * allows, and balance only for what a coupon may not pay. Orders of 0 fen are paid without a posting.
   * @throws DomainError `not_found`, `conflict`, `insufficient_balance`
   */
  async pay(
    ref: IdempotencyRef | null,
    userId: number,
    orderIds: readonly number[],
    channel: WalletChannel,
  ): Promise<number> {
    const orders = await this.settlement.findPayable(orderIds);
    const problem = payableProblem(orders, orderIds, userId);
    if (!problem) await this.closer.clear(orderIds);
    const { paymentId } = await this.idempotency.once(ref, async (tx) => {
      if (problem) throw problem;
      const capped: Split = (all) =>
        all.map(({ total }) => (channel === 'coupon' ? couponCap(total, this.config.couponMaxShare) : fen(0)));
      return { paymentId: await this.settle(tx, userId, orders, capped) };
    });
    return paymentId;
  }

  /** Takes the wallet before everything else, as the global lock order wants. */
  async lock(tx: Tx, userId: number, channel: WalletChannel): Promise<void> {
    if (channel === 'coupon') await this.ledger.lockBalance(tx, account.userCoupon(userId), 'COUPON');
    await this.ledger.lockBalance(tx, account.userBalance(userId), 'CNY');
  }

  /**
   * Pays orders that were placed in the same transaction. With `coupon` the coupon pays as much as it has and
   * COUPON_MAX_SHARE allows, the balance the rest.
   * @throws DomainError `insufficient_balance`
   */
  async payPlaced(tx: Tx, userId: number, orders: readonly PayableOrder[], channel: WalletChannel): Promise<number> {
    let left = channel === 'coupon' ? await this.ledger.lockBalance(tx, account.userCoupon(userId), 'COUPON') : 0;
    const greedy: Split = (all) =>
      all.map(({ total }) => {
        const coupon = fen(Math.min(left, couponCap(total, this.config.couponMaxShare)));
        left -= coupon;
        return coupon;
      });
    return this.settle(tx, userId, orders, greedy);
  }

  /** Locks the wallet before the orders; the payment's row is new. */
  private async settle(tx: Tx, userId: number, orders: readonly PayableOrder[], split: Split): Promise<number> {
    const coupons = split(orders);
    const shares = orders.map((order, index) => shareOf(order, coupons[index]));
    shares.sort((a, b) => a.merchantId - b.merchantId || a.orderId - b.orderId);
    const [amount, coupon] = [sum(shares.map((share) => share.amount)), sum(coupons)];
    const paidAt = this.clock.date();
    const channel = channelOf(amount, coupon);
    const paymentId = await this.store.insert(
      tx,
      { kind: 'order', userId, channel, status: 'captured', amount, capturedAt: paidAt.getTime() },
      shares,
    );
    for (const share of shares) await this.book(tx, userId, paymentId, share);
    await this.markPaid(tx, userId, orders, shares, paidAt);
    return paymentId;
  }

  private async book(tx: Tx, userId: number, paymentId: number, share: ShareDraft): Promise<void> {
    const postings = walletPostings(userId, share);
    if (postings.length === 0) return;
    await this.ledger.post(tx, {
      key: `payment:${paymentId}:order:${share.orderId}`,
      kind: 'order_payment',
      postings,
      orderId: share.orderId,
      itemId: share.productId,
      name: share.name,
    });
  }

  private async markPaid(
    tx: Tx,
    userId: number,
    orders: readonly PayableOrder[],
    shares: readonly ShareDraft[],
    paidAt: Date,
  ): Promise<void> {
    const ids = orders.map((order) => order.id);
    refuseChanged(await this.settlement.lockOrders(tx, ids), orders);
    if ((await this.store.openForIn(tx, ids)).length > 0) {
      throw new DomainError('conflict', 'a WeChat payment of this order has just been started');
    }
    const actor = { kind: 'buyer', userId } as const;
    for (const channel of ['balance', 'coupon', 'mixed'] as const) {
      const paid = shares.filter((share) => channelOf(share.amount, share.coupon) === channel);
      if (paid.length === 0) continue;
      await this.settlement.markPaid(
        tx,
        paid.map((share) => share.orderId),
        { channel, paidAt, actor },
      );
    }
  }
}

function shareOf(order: PayableOrder, coupon: Fen): ShareDraft {
  const { id: orderId, merchantId, firstProductId: productId, firstTitle: name, total: amount } = order;
  return { orderId, merchantId, productId, name, amount, coupon, applied: 1 };
}

function channelOf(amount: number, coupon: number): 'balance' | 'coupon' | 'mixed' {
  if (coupon === 0) return 'balance';
  return coupon === amount ? 'coupon' : 'mixed';
}

function sum(amounts: readonly number[]): Fen {
  return fen(amounts.reduce((total, amount) => total + amount, 0));
}
