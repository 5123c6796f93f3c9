import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { tableOf } from '../../database/table.js';
import type { OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

type WaitingOrder = Pick<Order, 'id' | 'statusSince'>;

export const WAITING_PAGE = 200;
const PAGE =
  `SELECT ${tableOf(Order).select(['id', 'statusSince'])} FROM orders WHERE status = ? AND status_since >= ? AND status_since < ? ` +
  'AND (status_since > ? OR id > ?) ORDER BY status_since, id LIMIT ?';

/** Orders for which time passes. */
@Injectable()
export class WaitingOrders {
  constructor(private readonly database: Database) {}

  /**
   * Ids of all orders that have been in this status since before `before` (milliseconds since the epoch), those that have waited
   * longest first, in pages: what cannot be moved on does not stand before the rest.
   */
  async *pages(status: OrderStatus, before: number): AsyncGenerator<number[]> {
    let last: WaitingOrder | undefined = { id: 0, statusSince: 0 };
    while (last) {
      const { id, statusSince }: WaitingOrder = last;
      const params = [status, statusSince, before, statusSince, id, WAITING_PAGE];
      const page: WaitingOrder[] = await this.database.read<WaitingOrder>(PAGE, params);
      if (page.length > 0) yield page.map((order) => order.id);
      last = page.at(-1);
    }
  }
}
