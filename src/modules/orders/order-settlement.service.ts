import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import type { SqlValue } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { ProductsService } from '../products/products.service.js';
import type { Actor, PayableOrder, PaymentChannel } from './order.js';
import { PAYABLE_COLUMNS, toPayable, type PayableRow } from './order-rows.js';
import { OrderStatus } from './order-status.js';

export { OrderStatus } from './order-status.js';
export { SYSTEM, type Actor, type PayableOrder } from './order.js';

const HISTORY_COLUMNS = [
  'order_id',
  'from_status',
  'to_status',
  'actor_kind',
  'actor_id',
  'reason',
  'created_at',
] as const;

/** How an order gets from one status to the next. Order rows are locked before product rows, each by ascending id. */
@Injectable()
export class OrderSettlement {
  constructor(
    private readonly database: Database,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** Locks the rows in id order; missing ids are absent. Payment rows are locked before, product rows after. */
  async lockOrders(tx: Tx, ids: readonly number[]): Promise<PayableOrder[]> {
    if (ids.length === 0) return [];
    const sorted = ascending(ids);
    const { rows } = await tx.execute<PayableRow>(
      `SELECT ${PAYABLE_COLUMNS} FROM orders WHERE id IN (${placeholders(sorted.length)}) ORDER BY id${tx.sql.forUpdate}`,
      sorted,
    );
    return rows.map(toPayable);
  }

  /** Committed rows by ascending id; missing ids are absent. */
  async findPayable(ids: readonly number[]): Promise<PayableOrder[]> {
    if (ids.length === 0) return [];
    const sorted = ascending(ids);
    const rows = await this.database.read<PayableRow>(
      `SELECT ${PAYABLE_COLUMNS} FROM orders WHERE id IN (${placeholders(sorted.length)}) ORDER BY id`,
      sorted,
    );
    return rows.map(toPayable);
  }

  /**
   * Pending to awaiting receipt, all of them.
   * @throws DomainError `conflict` when one is not pending; the transaction must not go on
   */
  async markPaid(
    tx: Tx,
    orderIds: readonly number[],
    payment: {
      readonly channel: PaymentChannel;
      readonly paidAt: Date;
      readonly actor: Actor;
      readonly reason?: string;
    },
  ): Promise<void> {
    const ids = ascending(orderIds);
    const moved = await this.move(tx, ids, OrderStatus.pendingPayment, OrderStatus.awaitingReceipt, {
      channel: payment.channel,
      paid_at: payment.paidAt,
    });
    if (moved !== ids.length) throw new DomainError('conflict', 'the order is not awaiting payment');
    const reason = payment.reason ?? `paid (${payment.channel})`;
    await this.record(tx, ids, OrderStatus.pendingPayment, OrderStatus.awaitingReceipt, payment.actor, reason);
  }

  /**
   * Pending to closed; the goods go back on the shelf. False when it was not pending. What may still arrive at WeChat
   * has been dealt with before (see `OpenPayments`).
   */
  async closeUnpaid(
    tx: Tx,
    orderId: number,
    why: { readonly actor: Actor; readonly reason: string },
  ): Promise<boolean> {
    const moved = await this.move(tx, [orderId], OrderStatus.pendingPayment, OrderStatus.closed, {
      closed_at: this.clock.now(),
    });
    if (moved === 0) return false;
    await this.record(tx, [orderId], OrderStatus.pendingPayment, OrderStatus.closed, why.actor, why.reason);
    await this.restock(tx, orderId);
    return true;
  }

  /**
   * After the whole amount went back. Goods return only while receipt is awaited: later they are with the buyer.
   * @throws DomainError `conflict` when the order is neither paid nor beyond
   */
  async markRefunded(tx: Tx, orderId: number, why: { readonly actor: Actor; readonly reason: string }): Promise<void> {
    const [order] = await this.lockOrders(tx, [orderId]);
    const from = order?.status;
    if (from !== OrderStatus.awaitingReceipt && from !== OrderStatus.awaitingReview && from !== OrderStatus.completed) {
      throw new DomainError('conflict', 'the order is not paid');
    }
    await this.move(tx, [orderId], from, OrderStatus.refunded, {});
    await this.record(tx, [orderId], from, OrderStatus.refunded, why.actor, why.reason);
    if (from === OrderStatus.awaitingReceipt) await this.restock(tx, orderId);
  }

  /** Awaiting receipt to awaiting review; false when it was not awaiting receipt. */
  async confirmReceipt(
    tx: Tx,
    orderId: number,
    why: { readonly actor: Actor; readonly reason: string },
  ): Promise<boolean> {
    const moved = await this.move(tx, [orderId], OrderStatus.awaitingReceipt, OrderStatus.awaitingReview, {
      verified_at: this.clock.now(),
    });
    if (moved === 0) return false;
    await this.record(tx, [orderId], OrderStatus.awaitingReceipt, OrderStatus.awaitingReview, why.actor, why.reason);
    return true;
  }

  /** Awaiting review to completed; false when it was not awaiting review. */
  async complete(tx: Tx, orderId: number, why: { readonly actor: Actor; readonly reason: string }): Promise<boolean> {
    const moved = await this.move(tx, [orderId], OrderStatus.awaitingReview, OrderStatus.completed, {});
    if (moved === 0) return false;
    await this.record(tx, [orderId], OrderStatus.awaitingReview, OrderStatus.completed, why.actor, why.reason);
    return true;
  }

  /** Ids of orders that have been unpaid since before `before` (milliseconds since the epoch), oldest first. */
  async listUnpaidOlderThan(before: number, limit: number): Promise<number[]> {
    return this.listSince(OrderStatus.pendingPayment, before, limit);
  }

  /** Ids of orders that have awaited receipt since before `before` (milliseconds since the epoch), oldest first. */
  async listAutoConfirmable(before: number, limit: number): Promise<number[]> {
    return this.listSince(OrderStatus.awaitingReceipt, before, limit);
  }

  private async listSince(status: OrderStatus, before: number, limit: number): Promise<number[]> {
    const rows = await this.database.read<{ id: number }>(
      'SELECT id FROM orders WHERE status = ? AND status_since < ? ORDER BY status_since LIMIT ?',
      [status, before, limit],
    );
    return rows.map((row) => Number(row.id));
  }

  /** The guarded update: only rows that are still in `from` move; answers how many. */
  private async move(
    tx: Tx,
    ids: readonly number[],
    from: OrderStatus,
    to: OrderStatus,
    also: Readonly<Record<string, SqlValue>>,
  ): Promise<number> {
    const now = this.clock.now();
    const assignments = Object.keys(also).map((column) => `, ${column} = ?`);
    const { affected } = await tx.execute(
      `UPDATE orders SET status = ?, status_since = ?, updated_at = ?${assignments.join('')}
       WHERE id IN (${placeholders(ids.length)}) AND status = ?`,
      [to, now, now, ...Object.values(also), ...ids, from],
    );
    return affected;
  }

  private async record(
    tx: Tx,
    ids: readonly number[],
    from: OrderStatus,
    to: OrderStatus,
    actor: Actor,
    reason: string,
  ): Promise<void> {
    const now = this.clock.now();
    await tx.insertMany(
      'order_history',
      HISTORY_COLUMNS,
      ids.map((id) => [id, from, to, actor.kind, actor.userId, reason, now]),
    );
  }

  private async restock(tx: Tx, orderId: number): Promise<void> {
    const { rows } = await tx.execute<{ productId: number; count: number }>(
      'SELECT product_id AS productId, count FROM order_items WHERE order_id = ? ORDER BY product_id',
      [orderId],
    );
    await this.products.restock(tx, rows);
  }
}

function ascending(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}
