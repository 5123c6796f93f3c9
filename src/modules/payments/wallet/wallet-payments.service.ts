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
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import type { PayableOrder } from '../../orders/order.js';
import { couponCap } from '../records/coupon-share.js';
import { payableProblem, refuseChanged } from '../records/payable-orders.js';
import { walletPostings } from '../records/payment-postings.js';
import { PaymentStore, type ShareDraft } from '../records/payment-store.js';
import type { WalletChannel } from '../records/payment.entity.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';

/** Paying from balance and coupon: the money moves at once, in one transaction with the orders. */
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
    const orders = await this.lifecycle.findPayable(orderIds);
    const problem = payableProblem(orders, orderIds, userId);
    if (!problem) await this.closer.clear(orderIds);
    const { paymentId } = await this.idempotency.once(ref, async (tx) => {
      if (problem) throw problem;
      const shares = orders.map((order) => shareOf(order, channel === 'coupon' ? this.capOf(order) : fen(0)));
      const paidAt = this.clock.date();
      const id = await this.book(tx, userId, shares, paidAt);
      await this.lockUnpaid(tx, orders);
      await this.markPaid(tx, userId, shares, paidAt);
      return { paymentId: id };
    });
    return paymentId;
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
    for (const share of shares) await this.post(tx, userId, paymentId, share);
    return paymentId;
  }

  private async post(tx: Tx, userId: number, paymentId: number, share: ShareDraft): Promise<void> {
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

  /** @throws DomainError `conflict` when an order has changed since it was read, or a WeChat payment of it is open */
  private async lockUnpaid(tx: Tx, orders: readonly PayableOrder[]): Promise<void> {
    const ids = orders.map((order) => order.id);
    refuseChanged(await this.lifecycle.lockOrders(tx, ids), orders);
    if (await this.closer.hasOpen(tx, ids)) {
      throw new DomainError('conflict', 'a WeChat payment of this order has just been started');
    }
  }

  private async markPaid(tx: Tx, userId: number, shares: readonly ShareDraft[], paidAt: Date): Promise<void> {
    const actor = { kind: 'buyer', userId } as const;
    for (const channel of ['balance', 'coupon', 'mixed'] as const) {
      const ids = shares.filter((share) => channelOf(share) === channel).map((share) => share.orderId);
      if (ids.length > 0) await this.lifecycle.markPaid(tx, ids, { channel, paidAt, actor });
    }
  }
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
