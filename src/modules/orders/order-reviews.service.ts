import { Injectable } from '@nestjs/common';
import { placeholders } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { OrderSettlement } from './order-settlement.service.js';
import { OrderStatus } from './order-status.js';

interface OpenLine {
  readonly id: number;
  readonly orderId: number;
  readonly productId: number;
}

/** An order can be reviewed from the confirmed receipt on. Refunded and closed ones cannot. */
const REVIEWABLE = `(${OrderStatus.awaitingReview}, ${OrderStatus.completed})`;

/** Which order lines a buyer may still review, once each. */
@Injectable()
export class OrderReviews {
  constructor(private readonly settlement: OrderSettlement) {}

  /**
   * Uses up one order line for each of the products (a repeated id uses several), the oldest open one first, and completes
   * the orders in which no line is left. Answers the line ids in the order asked, null where no line is open.
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
       WHERE o.buyer_id = ? AND o.status IN ${REVIEWABLE} AND i.reviewed = 0 AND i.product_id IN (${placeholders(productIds.length)})`;
    const params = [buyerId, ...productIds];
    const { rows } = await tx.execute<{ id: number }>(`SELECT DISTINCT o.id ${from}`, params);
    if (rows.length === 0) return [];
    await this.settlement.lockOrders(
      tx,
      rows.map((row) => row.id),
    );
    const locked = await tx.execute<OpenLine>(
      `SELECT i.id, i.order_id AS orderId, i.product_id AS productId ${from} AND o.id IN (${placeholders(rows.length)}) ORDER BY i.id`,
      [...params, ...rows.map((row) => row.id)],
    );
    return locked.rows;
  }

  private async close(tx: Tx, buyerId: number, lines: readonly OpenLine[]): Promise<void> {
    await tx.execute(
      `UPDATE order_items SET reviewed = 1 WHERE id IN (${placeholders(lines.length)})`,
      lines.map((line) => line.id),
    );
    const orderIds = [...new Set(lines.map((line) => line.orderId))].sort((a, b) => a - b);
    const { rows } = await tx.execute<{ orderId: number }>(
      `SELECT DISTINCT order_id AS orderId FROM order_items WHERE reviewed = 0 AND order_id IN (${placeholders(orderIds.length)})`,
      orderIds,
    );
    const unfinished = new Set(rows.map((row) => row.orderId));
    for (const orderId of orderIds.filter((id) => !unfinished.has(id))) {
      await this.settlement.complete(tx, orderId, {
        actor: { kind: 'buyer', userId: buyerId },
        reason: 'all items reviewed',
      });
    }
  }
}
