import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import { Database } from '../../database/database.js';
import { padded, placeholders, repeated, type ListLength } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { ProductsService } from '../products/products.service.js';
import { OrderHistory } from './order-history.entity.js';
import { OrderItem } from './order-item.entity.js';
import { Order, type PaymentChannel } from './order.entity.js';
import { PAYABLE_FIELDS, type Actor, type ChangeReason, type PayableOrder } from './order.js';
import { isRefundable, OrderStatus, sourcesOf } from './order-status.js';

interface Move {
  /** What else changes. */
  readonly also?: Partial<Order>;
  /** What the caller has locked, where several statuses lead to the new one. */
  readonly from?: OrderStatus;
  readonly totals?: ReadonlyMap<number, Fen> | undefined;
}

const ORDERS = tableOf(Order);
const ITEMS = tableOf(OrderItem);
const HISTORY = tableOf(OrderHistory);

const SELECT_PAYABLE = `SELECT ${ORDERS.select(PAYABLE_FIELDS)} FROM orders`;
const SELECT_PIECES = `SELECT ${ITEMS.select(['productId', 'count'])} FROM order_items WHERE order_id = ? ORDER BY product_id`;

/**
 * How an order gets from one status to the next. Prepared statements, because every payment passes here. Order rows are
 * locked before product rows, each by ascending id.
 */
@Injectable()
export class OrderLifecycle {
  constructor(
    private readonly database: Database,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** Locks the rows in id order; missing ids are absent. Payment rows are locked before, product rows after. */
  async lockOrders(tx: Tx, ids: readonly number[]): Promise<PayableOrder[]> {
    if (ids.length === 0) return [];
    const sorted = padded(ascending(ids));
    const sql = `${selectPayable(sorted.length)}${tx.sql.forUpdate}`;
    return ORDERS.rows((await tx.execute<Stored<PayableOrder>>(sql, sorted)).rows);
  }

  /** As `tx` sees them, by ascending id; missing ids are absent. Nothing is locked: {@link markPaid} decides. */
  async readPayable(tx: Tx, ids: readonly number[]): Promise<PayableOrder[]> {
    if (ids.length === 0) return [];
    const sorted = padded(ascending(ids));
    return ORDERS.rows((await tx.execute<Stored<PayableOrder>>(selectPayable(sorted.length), sorted)).rows);
  }

  /** Committed rows by ascending id; missing ids are absent. */
  async findPayable(ids: readonly number[]): Promise<PayableOrder[]> {
    if (ids.length === 0) return [];
    const sorted = padded(ascending(ids));
    return ORDERS.rows(await this.database.read<Stored<PayableOrder>>(selectPayable(sorted.length), sorted));
  }

  /**
   * Pending to awaiting receipt, all of them. With `totals`, by order id, also those that were read without a lock.
   * @throws DomainError `conflict` when one is not pending or has another total; the transaction must not go on
   */
  async markPaid(
    tx: Tx,
    orderIds: readonly number[],
    payment: {
      readonly channel: PaymentChannel;
      readonly paidAt: Date;
      readonly actorOf: (orderId: number) => Actor;
      readonly reason?: string;
      readonly totals?: ReadonlyMap<number, Fen>;
    },
  ): Promise<void> {
    const { channel, actorOf, reason = `paid (${channel})`, totals } = payment;
    const also = { channel, paidAt: payment.paidAt.getTime() };
    const why = { actorOf, reason };
    const moved = await this.moveAll(tx, ascending(orderIds), OrderStatus.awaitingReceipt, why, { also, totals });
    if (!moved) throw new DomainError('conflict', 'the order is not awaiting payment');
  }

  /**
   * Pending to closed; the goods go back on the shelf. False when it was not pending. What may still arrive at WeChat
   * has been dealt with before (see `OpenPayments`).
   */
  async closeUnpaid(tx: Tx, orderId: number, why: ChangeReason): Promise<boolean> {
    const also = { closedAt: this.clock.now() };
    const moved = await this.move(tx, orderId, OrderStatus.closed, why, { also });
    if (moved) await this.restock(tx, orderId);
    return moved;
  }

  /**
   * After the whole amount went back. Goods return only while receipt is awaited: later they are with the buyer.
   * @throws DomainError `conflict` when the order is neither paid nor beyond
   */
  async markRefunded(tx: Tx, orderId: number, why: ChangeReason): Promise<void> {
    const [order] = await this.lockOrders(tx, [orderId]);
    if (!order || !isRefundable(order.status)) throw new DomainError('conflict', 'the order is not paid');
    await this.move(tx, orderId, OrderStatus.refunded, why, { from: order.status });
    if (order.status === OrderStatus.awaitingReceipt) await this.restock(tx, orderId);
  }

  /** Awaiting receipt to awaiting review; false when it was not awaiting receipt. */
  async confirmReceipt(tx: Tx, orderId: number, why: ChangeReason): Promise<boolean> {
    return this.move(tx, orderId, OrderStatus.awaitingReview, why, {
      also: { verifiedAt: this.clock.now() },
    });
  }

  /** Awaiting review to completed; false when it was not awaiting review. */
  async complete(tx: Tx, orderId: number, why: ChangeReason): Promise<boolean> {
    return this.move(tx, orderId, OrderStatus.completed, why);
  }

  private async move(tx: Tx, orderId: number, to: OrderStatus, why: ChangeReason, move: Move = {}): Promise<boolean> {
    return this.moveAll(tx, [orderId], to, { actorOf: () => why.actor, reason: why.reason }, move);
  }

  /**
   * The guarded update, and its history: rows move from where the table of transitions lets them. False when not all of
   * them did.
   */
  private async moveAll(
    tx: Tx,
    ids: readonly number[],
    to: OrderStatus,
    { actorOf, reason }: { readonly actorOf: (orderId: number) => Actor; readonly reason: string },
    { also = {}, from = onlySourceOf(to), totals }: Move = {},
  ): Promise<boolean> {
    const now = this.clock.now();
    const sources = padded(sourcesOf(to));
    const change = ORDERS.assign({ status: to, statusSince: now, updatedAt: now, ...also });
    const asked = padded(ids);
    const read = totals ? asked.flatMap((id) => [id, totals.get(id)!]) : [];
    const unchanged = totals ? ` AND total = CASE id${repeated(' WHEN ? THEN ?', '', asked.length)} END` : '';
    const { affected } = await tx.execute(
      `UPDATE orders SET ${change.sql} WHERE id IN (${placeholders(asked.length)}) AND status IN (${placeholders(sources.length)})${unchanged}`,
      [...change.params, ...asked, ...sources, ...read],
    );
    if (affected !== ids.length) return false;
    const moved = { fromStatus: from, toStatus: to, reason, createdAt: now };
    await tx.insert(
      HISTORY,
      ids.map((orderId) => {
        const { kind: actorKind, userId: actorId } = actorOf(orderId);
        return { orderId, actorKind, actorId, ...moved };
      }),
    );
    return true;
  }

  private async restock(tx: Tx, orderId: number): Promise<void> {
    const { rows } = await tx.execute<Pick<OrderItem, 'productId' | 'count'>>(SELECT_PIECES, [orderId]);
    await this.products.restock(tx, rows);
  }
}

function selectPayable(count: ListLength): string {
  return `${SELECT_PAYABLE} WHERE id IN (${placeholders(count)}) ORDER BY id`;
}

function onlySourceOf(to: OrderStatus): OrderStatus {
  const [source, ...others] = sourcesOf(to);
  if (!source || others.length > 0) throw new Error(`an order comes to ${to} from more than one status, or from none`);
  return source;
}

function ascending(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}
