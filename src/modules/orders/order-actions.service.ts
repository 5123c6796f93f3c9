import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import { Idempotency } from '../../database/idempotency.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { OpenPayments } from './open-payments.js';
import { OrderLifecycle } from './order-lifecycle.service.js';
import { OrderStatus, transitionVerdict, type OrderRole } from './order-status.js';
import { Order } from './order.entity.js';
import type { Actor, PayableOrder } from './order.js';
import { roleOn } from './orders.service.js';

export interface StatusChange {
  readonly orderId: number;
  /** Closing and refunding have routes of their own. */
  readonly status: Exclude<OrderStatus, 'closed' | 'refunded'>;
  /** The optional fields are the seller's: a buyer's are ignored. Times in milliseconds. */
  readonly paidAt?: number | undefined;
  readonly verifiedAt?: number | undefined;
  readonly shopMessage?: string | undefined;
}

/** Refused by the state machine. Its statuses are told apart, because each wire has its own names for them. */
export class ImpossibleTransition extends DomainError {
  constructor(
    readonly from: OrderStatus,
    readonly to: OrderStatus,
  ) {
    super('conflict', `the order cannot go from ${from} to ${to}`);
  }
}

/** An order, and as whom the caller acts on it. */
interface ActorOnOrder {
  readonly order: PayableOrder;
  readonly role: OrderRole;
  readonly actor: Actor;
}

export const MAX_TRACKING_NUMBERS = 20;

const ORDERS = tableOf(Order);
const SELECT_TRACKING = `SELECT ${ORDERS.select(['trackingNumbers'])} FROM orders WHERE id = ?`;

/** What people do to an order by hand. Prepared statements, in the transactions and under the locks of its lifecycle. */
@Injectable()
export class OrderActions {
  constructor(
    private readonly lifecycle: OrderLifecycle,
    private readonly payments: OpenPayments,
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves the order by the state machine; asking for the present status changes only the optional fields.
   * @throws DomainError `not_found` for strangers, `forbidden` when a buyer says that he has paid, `conflict` for every
   *   other change that the state machine does not know (an {@link ImpossibleTransition}) and while an open payment
   *   cannot be verified
   */
  async changeStatus(user: Principal, change: StatusChange): Promise<void> {
    const { orderId, status } = change;
    const before = actorOn(await this.lifecycle.findPayable([orderId]), user);
    assertAllowed(before, status);
    if (before.order.status !== status && status === OrderStatus.awaitingReceipt) await this.payments.clear([orderId]);
    await this.transactions.run(async (tx) => {
      const now = actorOn(await this.lifecycle.lockOrders(tx, [orderId]), user);
      assertAllowed(now, status);
      if (now.order.status !== status) await this.enter(tx, now, status);
      if (now.role !== 'buyer') await this.amend(tx, now.order, change);
    });
  }

  /**
   * Appends; duplicates are dropped.
   * @throws DomainError `not_found`, `forbidden` for the buyer, `conflict` unless awaiting receipt or review, `invalid`
   *   beyond 20, and then none is added
   */
  async addTrackingNumbers(user: Principal, orderId: number, numbers: readonly string[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { order, role } = actorOn(await this.lifecycle.lockOrders(tx, [orderId]), user);
      if (role === 'buyer') throw new DomainError('forbidden', 'only the merchant adds tracking numbers');
      if (order.status !== OrderStatus.awaitingReceipt && order.status !== OrderStatus.awaitingReview) {
        throw new DomainError('conflict', 'the order is not on its way');
      }
      const { rows } = await tx.execute<Stored<Pick<Order, 'trackingNumbers'>>>(SELECT_TRACKING, [orderId]);
      const trackingNumbers = [...new Set([...ORDERS.rows(rows)[0].trackingNumbers, ...numbers])];
      if (trackingNumbers.length > MAX_TRACKING_NUMBERS) {
        throw new DomainError('invalid', `at most ${MAX_TRACKING_NUMBERS} tracking numbers`);
      }
      await this.assign(tx, orderId, { trackingNumbers });
    });
  }

  /**
   * Hides the order from its buyer; an unpaid one is closed and restocked.
   * @throws DomainError `not_found`, `forbidden` for others, `conflict` while receipt is awaited or an open payment
   *   cannot be verified
   */
  async deleteForBuyer(user: Principal, orderId: number): Promise<void> {
    const { order } = actorOn(await this.lifecycle.findPayable([orderId]), user);
    if (order.buyerId !== user.userId) throw new DomainError('forbidden', 'only the buyer deletes an order');
    if (order.status === OrderStatus.pendingPayment) await this.payments.clear([orderId]);
    await this.transactions.run(async (tx) => {
      const now = actorOn(await this.lifecycle.lockOrders(tx, [orderId]), user);
      if (now.order.status === OrderStatus.awaitingReceipt) {
        throw new DomainError('conflict', 'the order is awaiting receipt');
      }
      await this.close(tx, now, 'deleted by the buyer');
      await this.assign(tx, orderId, { hiddenFromBuyer: true });
    });
  }

  /**
   * Closes an unpaid order and gives the goods back.
   * @throws DomainError `not_found` for strangers, `conflict` when it is not unpaid or an open payment cannot be verified
   *   now; then it closes as soon as it can
   */
  async cancel(ref: IdempotencyRef | null, user: Principal, orderId: number): Promise<void> {
    const [before] = await this.lifecycle.findPayable([orderId]);
    const role = before && roleOn(before, user);
    if (role && before.status === OrderStatus.pendingPayment) {
      const actor = { kind: role, userId: user.userId };
      await this.payments.clear([orderId], { actor, reason: cancelledBy(role) });
    }
    await this.idempotency.once(ref, async (tx) => {
      const now = actorOn(await this.lifecycle.lockOrders(tx, [orderId]), user);
      if (!(await this.close(tx, now, cancelledBy(now.role)))) {
        throw new DomainError('conflict', 'the order is not awaiting payment');
      }
    });
  }

  private async enter(tx: Tx, { order, actor }: ActorOnOrder, status: StatusChange['status']): Promise<void> {
    if (status === OrderStatus.awaitingReceipt) {
      await this.assertNothingOpen(tx, order.id);
      await this.lifecycle.markPaid(tx, [order.id], {
        channel: 'offline',
        paidAt: this.clock.date(),
        actorOf: () => actor,
      });
    } else if (status === OrderStatus.awaitingReview) {
      await this.lifecycle.confirmReceipt(tx, order.id, { actor, reason: 'receipt confirmed' });
    } else {
      await this.lifecycle.complete(tx, order.id, { actor, reason: 'completed by hand' });
    }
  }

  /** A pay time counts only for money received outside: otherwise the payment knows it. `order` is as it was before. */
  private async amend(tx: Tx, order: PayableOrder, change: StatusChange): Promise<void> {
    const entered = order.status === OrderStatus.pendingPayment && change.status === OrderStatus.awaitingReceipt;
    const { verifiedAt, shopMessage } = change;
    const paidAt = entered || order.channel === 'offline' ? change.paidAt : undefined;
    if (paidAt === undefined && verifiedAt === undefined && shopMessage === undefined) return;
    await this.assign(tx, order.id, { paidAt, verifiedAt, shopMessage });
  }

  private async assign(
    tx: Tx,
    orderId: number,
    fields: { readonly [K in keyof Order]?: Order[K] | undefined },
  ): Promise<void> {
    const { sql, params } = ORDERS.assign({ ...fields, updatedAt: this.clock.now() });
    await tx.execute(`UPDATE orders SET ${sql} WHERE id = ?`, [...params, orderId]);
  }

  /** False when the order is not unpaid. */
  private async close(tx: Tx, { order, actor }: ActorOnOrder, reason: string): Promise<boolean> {
    if (order.status !== OrderStatus.pendingPayment) return false;
    await this.assertNothingOpen(tx, order.id);
    return this.lifecycle.closeUnpaid(tx, order.id, { actor, reason });
  }

  private async assertNothingOpen(tx: Tx, orderId: number): Promise<void> {
    if (await this.payments.hasOpen(tx, [orderId])) {
      throw new DomainError('conflict', 'a payment of this order is open', { retryAfter: 1 });
    }
  }
}

const cancelledBy = (role: OrderRole): string => `cancelled by the ${role}`;

/** @throws DomainError `not_found` for a stranger */
function actorOn([order]: readonly PayableOrder[], user: Principal): ActorOnOrder {
  const role = order ? roleOn(order, user) : null;
  if (!order || !role) throw notFound('order');
  return { order, role, actor: { kind: role, userId: user.userId } };
}

function assertAllowed({ order, role }: ActorOnOrder, to: OrderStatus): void {
  const verdict = transitionVerdict(order.status, to, role);
  if (verdict === 'forbidden')
    throw new DomainError('forbidden', 'only the merchant or a verified payment may do this');
  if (verdict === 'impossible') throw new ImpossibleTransition(order.status, to);
}
