import { Injectable } from '@nestjs/common';
import { placeholders } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { OrderItem } from './order-item.entity.js';
import { OrderLifecycle } from './order-lifecycle.service.js';
import { isReviewable, OrderStatus } from './order-status.js';

type OpenLine = Pick<OrderItem, 'id' | 'orderId' | 'productId'>;

const ITEMS = tableOf(OrderItem);
const REVIEWABLE = Object.values(OrderStatus).filter(isReviewable);

/** Which order lines a buyer may still review, once each. Prepared statements, with the joins and locks that they need. */
@Injectable()
export class OrderReviews {
  constructor(private readonly lifecycle: OrderLifecycle) {}

  /**
   * Uses up one order line for each of the products (a repeated id uses several), the oldest open one first, and completes
   * the orders in which no line is left. Returns the line ids in the order asked, null where no line is open.
   */
  async takeLines(tx: Tx, buyerId: number, productIds: readonly number[]): Promise<(number | null)[]> {
    const open = await this.lockOpenLines(tx, buyerId, [...new Set(productIds)]);
    const taken = productIds.map((productId) => {
      const index = open.findIndex((line) => line.productId === productId);
      return index < 0 ? null : open.splice(index, 1)[0];
    });
    const lines = taken.filter((line) => line !== null);
    if (lines.length > 0) await this.close(tx, buyerId, lines);
    return taken.map((line) => line?.id ?? null);
  }

  /** Open lines, oldest first; their orders are locked, so that no two reviews take the same line. */
  private async lockOpenLines(tx: Tx, buyerId: number, productIds: readonly number[]): Promise<OpenLine[]> {
    const from = `FROM order_items i JOIN orders o ON o.id = i.order_id
       WHERE o.buyer_id = ? AND o.status IN (${placeholders(REVIEWABLE.length)}) AND i.reviewed = 0 AND i.product_id IN (${placeholders(productIds.length)})`;
    const params = [buyerId, ...REVIEWABLE, ...productIds];
    const { rows } = await tx.execute<{ id: number }>(`SELECT DISTINCT o.id ${from}`, params);
    if (rows.length === 0) return [];
    const orderIds = rows.map((row) => row.id);
    await this.lifecycle.lockOrders(tx, orderIds);
    const locked = await tx.execute<OpenLine>(
      `SELECT ${ITEMS.select(['id', 'orderId', 'productId'], 'i')} ${from} AND o.id IN (${placeholders(orderIds.length)}) ORDER BY i.id`,
      [...params, ...orderIds],
    );
    return locked.rows;
  }

  private async close(tx: Tx, buyerId: number, lines: readonly OpenLine[]): Promise<void> {
    await tx.execute(
      `UPDATE order_items SET reviewed = 1 WHERE id IN (${placeholders(lines.length)})`,
      lines.map((line) => line.id),
    );
    const orderIds = [...new Set(lines.map((line) => line.orderId))].sort((a, b) => a - b);
    const { rows } = await tx.execute<Pick<OrderItem, 'orderId'>>(
      `SELECT DISTINCT ${ITEMS.select(['orderId'])} FROM order_items WHERE reviewed = 0 AND order_id IN (${placeholders(orderIds.length)})`,
      orderIds,
    );
    const unfinished = new Set(rows.map((row) => row.orderId));
    const why = { actor: { kind: 'buyer', userId: buyerId }, reason: 'all items reviewed' } as const;
    for (const orderId of orderIds.filter((id) => !unfinished.has(id))) await this.lifecycle.complete(tx, orderId, why);
  }
}
