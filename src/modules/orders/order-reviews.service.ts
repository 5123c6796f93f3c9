import { Injectable } from '@nestjs/common';
import { padded, placeholders, type Padded } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { OrderItem } from './order-item.entity.js';
import { OrderLifecycle } from './order-lifecycle.service.js';
import { isReviewable, OrderStatus } from './order-status.js';

type OpenLine = Pick<OrderItem, 'id' | 'orderId' | 'productId'>;

const ITEMS = tableOf(OrderItem);
const REVIEWABLE = Object.values(OrderStatus).filter(isReviewable);

const STATUSES = padded(REVIEWABLE);
const OPEN =
  'FROM order_items i JOIN orders o ON o.id = i.order_id ' +
  `WHERE i.reviewed = 0 AND o.status IN (${placeholders(STATUSES.length)})`;

/** Which order lines a buyer may still review, once each. Prepared statements, with the joins and locks that they need. */
@Injectable()
export class OrderReviews {
  constructor(private readonly lifecycle: OrderLifecycle) {}

  /**
   * Uses up one order line for each of the products (a repeated id uses several), the oldest open one first, and completes
   * the orders in which no line is left. Returns the line ids in the order asked, null where no line is open.
   */
  async takeLines(tx: Tx, buyerId: number, productIds: readonly number[]): Promise<(number | null)[]> {
    for (;;) {
      const open = await this.openLines(tx, buyerId, padded([...new Set(productIds)]));
      const taken = productIds.map((productId) => {
        const index = open.findIndex((line) => line.productId === productId);
        return index < 0 ? null : open.splice(index, 1)[0];
      });
      const lines = taken.filter((line) => line !== null);
      if (lines.length > 0 && !(await this.lock(tx, lines))) continue;
      if (lines.length > 0) await this.close(tx, buyerId, lines);
      return taken.map((line) => line?.id ?? null);
    }
  }

  /** Oldest first. */
  private async openLines(tx: Tx, buyerId: number, productIds: Padded<number>): Promise<OpenLine[]> {
    const { rows } = await tx.execute<OpenLine>(
      `SELECT ${ITEMS.select(['id', 'orderId', 'productId'], 'i')} ${OPEN} AND o.buyer_id = ? ` +
        `AND i.product_id IN (${placeholders(productIds.length)})`,
      [...STATUSES, buyerId, ...productIds],
    );
    return rows.sort((a, b) => a.id - b.id);
  }

  /** Locks their orders, so that no two reviews take the same line; false where another one has taken one of them before. */
  private async lock(tx: Tx, lines: readonly OpenLine[]): Promise<boolean> {
    await this.lifecycle.lockOrders(tx, ordersOf(lines));
    const ids = padded(lines.map(({ id }) => id));
    const { rows } = await tx.execute<Pick<OpenLine, 'id'>>(
      `SELECT i.id ${OPEN} AND i.id IN (${placeholders(ids.length)})`,
      [...STATUSES, ...ids],
    );
    return rows.length === lines.length;
  }

  private async close(tx: Tx, buyerId: number, lines: readonly OpenLine[]): Promise<void> {
    const ids = padded(lines.map(({ id }) => id));
    await tx.execute(`UPDATE order_items SET reviewed = 1 WHERE id IN (${placeholders(ids.length)})`, ids);
    const orderIds = padded(ordersOf(lines));
    const { rows } = await tx.execute<Pick<OrderItem, 'orderId'>>(
      `SELECT DISTINCT ${ITEMS.select(['orderId'])} FROM order_items WHERE reviewed = 0 AND order_id IN (${placeholders(orderIds.length)})`,
      orderIds,
    );
    const unfinished = new Set(rows.map((row) => row.orderId));
    const finished = new Set(orderIds.filter((id) => !unfinished.has(id)));
    const why = { actor: { kind: 'buyer', userId: buyerId }, reason: 'all items reviewed' } as const;
    for (const orderId of finished) await this.lifecycle.complete(tx, orderId, why);
  }
}

/** By ascending id, each once. */
function ordersOf(lines: readonly OpenLine[]): number[] {
  return [...new Set(lines.map(({ orderId }) => orderId))].sort((a, b) => a - b);
}
