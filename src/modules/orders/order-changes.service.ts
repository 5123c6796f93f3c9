import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import { Idempotency } from '../../database/idempotency.js';
import type { SqlValue } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { RegisteredPayments } from './open-payments.service.js';
import type { Actor, PayableOrder } from './order.js';
import { OrderSettlement } from './order-settlement.service.js';
import { judgeTransition, OrderStatus, type OrderRole } from './order-status.js';
import { roleOn } from './orders.service.js';

export interface StatusChange {
  readonly orderId: number;
  readonly status: OrderStatus;
  /** The optional fields are the seller's: a buyer's are ignored. */
  readonly payTime?: Date | undefined;
  readonly verifyTime?: Date | undefined;
  readonly shopMessage?: string | undefined;
}

interface Mine {
  readonly order: PayableOrder;
  readonly role: OrderRole;
  readonly actor: Actor;
}

export const MAX_TRACKING_NUMBERS = 20;

/** What people do to an order by hand. */
@Injectable()
export class OrderChanges {
  constructor(
    private readonly settlement: OrderSettlement,
    private readonly payments: RegisteredPayments,
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves the order by the state machine; asking for the present status changes only the optional fields.
   * @throws DomainError `not_found` for strangers, `forbidden` when a buyer says that he has paid, `conflict` for every
   *   other change that the state machine does not know and while an open payment cannot be verified
   */
  async changeStatus(user: Principal, change: StatusChange): Promise<void> {
    const { orderId, status } = change;
    const before = mine(await this.settlement.findPayable([orderId]), user);
    assertAllowed(before, status);
    if (before.order.status !== status && status === OrderStatus.awaitingReceipt) await this.payments.clear([orderId]);
    await this.transactions.run(async (tx) => {
      const now = mine(await this.settlement.lockOrders(tx, [orderId]), user);
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
      const { order, role } = mine(await this.settlement.lockOrders(tx, [orderId]), user);
      if (role === 'buyer') throw new DomainError('forbidden', 'only the merchant adds tracking numbers');
      if (order.status !== OrderStatus.awaitingReceipt && order.status !== OrderStatus.awaitingReview) {
        throw new DomainError('conflict', 'the order is not on its way');
      }
      const { rows } = await tx.execute<{ known: string }>(
        'SELECT tracking_numbers AS known FROM orders WHERE id = ?',
        [orderId],
      );
      const all = [...new Set([...(JSON.parse(rows[0].known) as string[]), ...numbers])];
      if (all.length > MAX_TRACKING_NUMBERS) {
        throw new DomainError('invalid', `at most ${MAX_TRACKING_NUMBERS} tracking numbers`);
      }
      await tx.execute('UPDATE orders SET tracking_numbers = ?, updated_at = ? WHERE id = ?', [
        JSON.stringify(all),
        this.clock.now(),
        orderId,
      ]);
    });
  }

  /**
   * Hides the order from its buyer; an unpaid one is closed and restocked.
   * @throws DomainError `not_found`, `forbidden` for others, `conflict` while receipt is awaited or an open payment
   *   cannot be verified
   */
  async deleteForBuyer(user: Principal, orderId: number): Promise<void> {
    const { order } = mine(await this.settlement.findPayable([orderId]), user);
    if (order.buyerId !== user.userId) throw new DomainError('forbidden', 'only the buyer deletes an order');
    if (order.status === OrderStatus.pendingPayment) await this.payments.clear([orderId]);
    await this.transactions.run(async (tx) => {
      const now = mine(await this.settlement.lockOrders(tx, [orderId]), user);
      if (now.order.status === OrderStatus.awaitingReceipt) {
        throw new DomainError('conflict', 'the order is awaiting receipt');
      }
      await this.close(tx, now, 'deleted by the buyer');
      await tx.execute('UPDATE orders SET hidden_from_buyer = 1, updated_at = ? WHERE id = ?', [
        this.clock.now(),
        orderId,
      ]);
    });
  }

  /**
   * Closes an unpaid order and gives the goods back.
   * @throws DomainError `not_found` for strangers, `conflict` when it is not unpaid or an open payment cannot be verified
   *   now; then it closes as soon as it can
   */
  async cancel(ref: IdempotencyRef | null, user: Principal, orderId: number): Promise<void> {
    const [before] = await this.settlement.findPayable([orderId]);
    const role = before && roleOn(before, user);
    if (role && before.status === OrderStatus.pendingPayment) {
      const actor = { kind: role, userId: user.userId };
      await this.payments.clear([orderId], { actor, reason: cancelledBy(role) });
    }
    await this.idempotency.once(ref, async (tx) => {
      const now = mine(await this.settlement.lockOrders(tx, [orderId]), user);
      if (!(await this.close(tx, now, cancelledBy(now.role)))) {
        throw new DomainError('conflict', 'the order is not awaiting payment');
      }
    });
  }

  private async enter(tx: Tx, { order, actor }: Mine, status: OrderStatus): Promise<void> {
    if (status === OrderStatus.awaitingReceipt) {
      await this.assertNothingOpen(tx, order.id);
      await this.settlement.markPaid(tx, [order.id], { channel: 'offline', paidAt: this.clock.date(), actor });
    } else if (status === OrderStatus.awaitingReview) {
      await this.settlement.confirmReceipt(tx, order.id, { actor, reason: 'receipt confirmed' });
    } else {
      await this.settlement.complete(tx, order.id, { actor, reason: 'completed by hand' });
    }
  }

  /** A pay time counts only for money received outside: otherwise the payment knows it. */
  private async amend(tx: Tx, order: PayableOrder, change: StatusChange): Promise<void> {
    const offline =
      order.channel === 'offline' || (order.status < change.status && change.status === OrderStatus.awaitingReceipt);
    const wished: Record<string, SqlValue | undefined> = {
      paid_at: offline ? change.payTime : undefined,
      verified_at: change.verifyTime,
      shop_message: change.shopMessage,
    };
    const given = Object.entries(wished).filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
    if (given.length === 0) return;
    await tx.execute(
      `UPDATE orders SET ${given.map(([column]) => `${column} = ?, `).join('')}updated_at = ? WHERE id = ?`,
      [...given.map(([, value]) => value), this.clock.now(), order.id],
    );
  }

  /** False when the order is not unpaid. */
  private async close(tx: Tx, { order, actor }: Mine, reason: string): Promise<boolean> {
    if (order.status !== OrderStatus.pendingPayment) return false;
    await this.assertNothingOpen(tx, order.id);
    return this.settlement.closeUnpaid(tx, order.id, { actor, reason });
  }

  private async assertNothingOpen(tx: Tx, orderId: number): Promise<void> {
    if (await this.payments.hasOpen(tx, [orderId])) {
      throw new DomainError('conflict', 'a payment of this order is open', { retryAfter: 1 });
    }
  }
}

const cancelledBy = (role: OrderRole): string => `cancelled by the ${role}`;

function mine([order]: readonly PayableOrder[], user: Principal): Mine {
  const role = order ? roleOn(order, user) : null;
  if (!order || !role) throw notFound('order');
  return { order, role, actor: { kind: role, userId: user.userId } };
}

function assertAllowed({ order, role }: Mine, to: OrderStatus): void {
  const verdict = judgeTransition(order.status, to, role);
  if (verdict === 'forbidden')
    throw new DomainError('forbidden', 'only the merchant or a verified payment may do this');
  if (verdict === 'impossible')
    throw new DomainError('conflict', `the order cannot go from status ${order.status} to ${to}`);
}
