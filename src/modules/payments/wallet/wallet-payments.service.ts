import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { fen, type Fen } from '../../../common/money.js';
import { Config } from '../../../config/config.js';
import { grouped } from '../../../database/grouped.js';
import { Idempotency } from '../../../database/idempotency.js';
import { granted, outcomeOf, valueOf, withResults, type Outcome } from '../../../common/outcome.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { account } from '../../ledger/chart-of-accounts.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import type { LedgerPost } from '../../ledger/posting.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { OrderStatus } from '../../orders/order-status.js';
import type { Actor, PayableOrder } from '../../orders/order.js';
import { couponCap } from '../records/coupon-share.js';
import { payableProblem } from '../records/payable-orders.js';
import { walletPostings } from '../records/payment-postings.js';
import { PaymentStore, type PaymentDraft, type ShareDraft } from '../records/payment-store.js';
import type { WalletChannel } from '../records/payment.entity.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';

/**
 * Paying from balance and coupon: the money moves at once, in one transaction with the orders.
 * HOT PATH: half of a checkout's time (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class WalletPayments {
  private readonly payTogether: (request: PayRequest) => Promise<number>;

  constructor(
    private readonly idempotency: Idempotency,
    private readonly ledger: LedgerService,
    private readonly lifecycle: OrderLifecycle,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly clock: Clock,
    private readonly config: Config,
    transactions: Transactions,
  ) {
    this.payTogether = grouped(transactions, {
      sizeOf: ({ orderIds }) => orderIds.length,
      work: (tx, requests) => this.payUnpaid(tx, requests),
    });
  }

  /**
   * Pays unpaid orders of the caller, all or none; payments of one moment without a key share a transaction. With `coupon` each order takes coupon for as much as COUPON_MAX_SHARE
   * allows, and balance only for what a coupon may not pay. Orders of 0 fen are paid without a posting. Returns the payment's id.
   * @throws DomainError `not_found`, `conflict`, `insufficient_balance`
   */
  async pay(
    ref: IdempotencyRef | null,
    userId: number,
    orderIds: readonly number[],
    channel: WalletChannel,
  ): Promise<number> {
    const request = { userId, orderIds, channel };
    const attempt = async (): Promise<number> => {
      if (!ref) return this.payTogether(request);
      const alone = async (tx: Tx): Promise<{ paymentId: number }> => {
        const [outcome] = await this.payUnpaid(tx, [request]);
        return { paymentId: valueOf(outcome) };
      };
      return (await this.idempotency.once(ref, alone)).paymentId;
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof OpenAtWechat)) throw error;
    }
    await this.closer.clear(orderIds);
    return attempt();
  }

  /** @throws OpenAtWechat when a WeChat payment of one of the orders is open; nothing may stay then */
  private async payUnpaid(tx: Tx, requests: readonly PayRequest[]): Promise<Outcome<number>[]> {
    const asked = requests.flatMap(({ orderIds }) => orderIds);
    const orders = new Map((await this.lifecycle.readPayable(tx, asked)).map((order) => [order.id, order]));
    const outcomes = requests.map((request) => outcomeOf(() => this.takeOrders(orders, request)));
    const parts = granted(outcomes);
    const ids = await this.settle(tx, parts);
    const paid = parts.flatMap(({ shares }) => shares.map(({ orderId }) => orderId));
    // Whoever starts a WeChat payment locks the orders first, which are ours by now.
    if (await this.closer.hasOpen(tx, paid)) throw new OpenAtWechat();
    return withResults(outcomes, ids);
  }

  /** What a request pays; its orders are not unpaid in `read` any more, so another for them comes too late. @throws DomainError */
  private takeOrders(read: Map<number, PayableOrder>, { userId, orderIds, channel }: PayRequest): Part {
    const orders = orderIds.flatMap((id) => read.get(id) ?? []);
    const problem = payableProblem(orders, orderIds, userId);
    if (problem) throw problem;
    const shares = orders.map((order) => shareOf(order, channel === 'coupon' ? this.capOf(order) : fen(0)));
    for (const order of orders) read.set(order.id, { ...order, status: OrderStatus.awaitingReceipt });
    return { userId, shares };
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
    const [paymentId] = await this.settle(tx, [{ userId, shares }]);
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

  /** A payment for each part: its row, which is new, the postings, which lock wallets before any order, and the orders. */
  private async settle(tx: Tx, parts: readonly Part[]): Promise<number[]> {
    if (parts.length === 0) return [];
    const paidAt = this.clock.date();
    for (const { shares } of parts) shares.sort((a, b) => a.merchantId - b.merchantId || a.orderId - b.orderId);
    const ids = await this.store.insertAll(
      tx,
      parts.map((part) => ({ draft: draftOf(part, paidAt), shares: part.shares })),
    );
    const posts = parts.flatMap(({ userId, shares }, index) =>
      shares.filter(({ amount }) => amount > 0).map((share) => postOf(userId, ids[index], share)),
    );
    await this.ledger.postAll(tx, posts);
    await this.markPaid(tx, parts, paidAt);
    return ids;
  }

  private async markPaid(tx: Tx, parts: readonly Part[], paidAt: Date): Promise<void> {
    const shares = parts.flatMap((part) => part.shares);
    const totals = new Map(shares.map(({ orderId, amount }) => [orderId, amount]));
    const buyers = new Map(parts.flatMap(({ userId, shares: own }) => own.map(({ orderId }) => [orderId, userId])));
    const actorOf = (orderId: number): Actor => ({ kind: 'buyer', userId: buyers.get(orderId)! });
    for (const channel of ['balance', 'coupon', 'mixed'] as const) {
      const ids = shares.filter((share) => channelOf(share) === channel).map((share) => share.orderId);
      if (ids.length > 0) await this.lifecycle.markPaid(tx, ids, { channel, paidAt, actorOf, totals });
    }
  }
}

interface PayRequest {
  readonly userId: number;
  readonly orderIds: readonly number[];
  readonly channel: WalletChannel;
}

/** What one payment pays. */
interface Part {
  readonly userId: number;
  readonly shares: ShareDraft[];
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

function draftOf({ userId, shares }: Part, paidAt: Date): PaymentDraft {
  const amount = sum(shares.map((share) => share.amount));
  const channel = channelOf({ amount, coupon: sum(shares.map((share) => share.coupon)) });
  return { kind: 'order', userId, channel, status: 'captured', amount, capturedAt: paidAt.getTime() };
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
