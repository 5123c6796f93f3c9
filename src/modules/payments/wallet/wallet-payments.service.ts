import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { fen, type Fen } from '../../../common/money.js';
import { Config } from '../../../config/config.js';
import { Idempotency } from '../../../database/idempotency.js';
import type { Tx } from '../../../database/transactions.js';
import { account } from '../../ledger/chart-of-accounts.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import type { LedgerPost } from '../../ledger/posting.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import type { PayableOrder } from '../../orders/order.js';
import { couponCap } from '../records/coupon-share.js';
import { payableProblem } from '../records/payable-orders.js';
import { walletPostings } from '../records/payment-postings.js';
import { PaymentStore, type ShareDraft } from '../records/payment-store.js';
import type { WalletChannel } from '../records/payment.entity.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';

/**
 * Paying from balance and coupon: the money moves at once, in one transaction with the orders.
 * HOT PATH: half of a checkout's time (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class WalletPayments {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly ledger: LedgerService,
    private readonly lifecycle: OrderLifecycle,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Pays unpaid orders of the caller, all or none. With `coupon` each order takes coupon for as much as COUPON_MAX_SHARE
   * allows, and balance only for what a coupon may not pay. Orders of 0 fen are paid without a posting. Returns the payment's id.
   * @throws DomainError `not_found`, `conflict`, `insufficient_balance`
   */
  async pay(
    ref: IdempotencyRef | null,
    userId: number,
    orderIds: readonly number[],
    channel: WalletChannel,
  ): Promise<number> {
    const attempt = (): Promise<{ paymentId: number }> =>
      this.idempotency.once(ref, async (tx) => ({ paymentId: await this.payUnpaid(tx, userId, orderIds, channel) }));
    try {
      return (await attempt()).paymentId;
    } catch (error) {
      if (!(error instanceof OpenAtWechat)) throw error;
    }
    await this.closer.clear(orderIds);
    return (await attempt()).paymentId;
  }

  /** @throws OpenAtWechat when a WeChat payment of one of the orders is open; nothing may stay then */
  private async payUnpaid(
    tx: Tx,
    userId: number,
    orderIds: readonly number[],
    channel: WalletChannel,
  ): Promise<number> {
    const orders = await this.lifecycle.readPayable(tx, orderIds);
    const problem = payableProblem(orders, orderIds, userId);
    if (problem) throw problem;
    const shares = orders.map((order) => shareOf(order, channel === 'coupon' ? this.capOf(order) : fen(0)));
    const paidAt = this.clock.date();
    const id = await this.book(tx, userId, shares, paidAt);
    await this.markPaid(tx, userId, shares, paidAt);
    // Whoever starts a WeChat payment locks the orders first, which are ours by now.
    if (await this.closer.hasOpen(tx, orderIds)) throw new OpenAtWechat();
    return id;
  }

  /**
   * Pays the orders that `place` makes in the same transaction, under the wallet's lock, which comes before every other. With
   * `coupon` the coupon pays as much as it has and COUPON_MAX_SHARE allows, the balance the rest. Nobody else has seen these
   * orders, so they are not looked at again. Returns the payment's id.
   * @throws DomainError `insufficient_balance`, and what `place` throws; the transaction must not go on
   */
  async payPlaced(
    tx: Tx,
    userId: number,
    channel: WalletChannel,
    place: (tx: Tx) => Promise<readonly PayableOrder[]>,
  ): Promise<number> {
    let left: number = await this.lockWallet(tx, userId, channel);
    const orders = await place(tx);
    const shares = orders.map((order) => {
      const coupon = fen(Math.min(left, this.capOf(order)));
      left -= coupon;
      return shareOf(order, coupon);
    });
    const paidAt = this.clock.date();
    const paymentId = await this.book(tx, userId, shares, paidAt);
    await this.markPaid(tx, userId, shares, paidAt);
    return paymentId;
  }

  private capOf({ total }: PayableOrder): Fen {
    return couponCap(total, this.config.couponMaxShare);
  }

  /** Returns the coupon that may be spent. */
  private async lockWallet(tx: Tx, userId: number, channel: WalletChannel): Promise<Fen> {
    const coupon =
      channel === 'coupon' ? await this.ledger.lockBalance(tx, account.userCoupon(userId), 'COUPON') : fen(0);
    await this.ledger.lockBalance(tx, account.userBalance(userId), 'CNY');
    return coupon;
  }

  /** The payment's row, which is new, and the postings, which lock the wallet before any order. */
  private async book(tx: Tx, userId: number, shares: ShareDraft[], paidAt: Date): Promise<number> {
    shares.sort((a, b) => a.merchantId - b.merchantId || a.orderId - b.orderId);
    const amount = sum(shares.map((share) => share.amount));
    const channel = channelOf({ amount, coupon: sum(shares.map((share) => share.coupon)) });
    const capturedAt = paidAt.getTime();
    const paymentId = await this.store.insert(
      tx,
      { kind: 'order', userId, channel, status: 'captured', amount, capturedAt },
      shares,
    );
    const posts = shares.filter(({ amount: part }) => part > 0).map((share) => postOf(userId, paymentId, share));
    await this.ledger.postAll(tx, posts);
    return paymentId;
  }

  private async markPaid(tx: Tx, userId: number, shares: readonly ShareDraft[], paidAt: Date): Promise<void> {
    const actor = { kind: 'buyer', userId } as const;
    const totals = new Map(shares.map(({ orderId, amount }) => [orderId, amount]));
    for (const channel of ['balance', 'coupon', 'mixed'] as const) {
      const ids = shares.filter((share) => channelOf(share) === channel).map((share) => share.orderId);
      if (ids.length > 0) await this.lifecycle.markPaid(tx, ids, { channel, paidAt, actor, totals });
    }
  }
}

/** Found when the orders are locked: outside the transaction it is closed at WeChat, and the payment made again. */
class OpenAtWechat extends DomainError {
  constructor() {
    super('conflict', 'a WeChat payment of this order has just been started');
  }
}

function postOf(userId: number, paymentId: number, share: ShareDraft): LedgerPost {
  const { orderId, productId: itemId, name } = share;
  const key = `payment:${paymentId}:order:${orderId}`;
  return { key, kind: 'order_payment', postings: walletPostings(userId, share), orderId, itemId, name };
}

function shareOf(order: PayableOrder, coupon: Fen): ShareDraft {
  const { id: orderId, merchantId, firstProductId: productId, firstTitle: name, total: amount } = order;
  return { orderId, merchantId, productId, name, amount, coupon, applied: true };
}

function channelOf({ amount, coupon }: Pick<ShareDraft, 'amount' | 'coupon'>): 'balance' | 'coupon' | 'mixed' {
  if (coupon === 0) return 'balance';
  return coupon === amount ? 'coupon' : 'mixed';
}

function sum(amounts: readonly Fen[]): Fen {
  return fen(amounts.reduce<number>((total, amount) => total + amount, 0));
}
