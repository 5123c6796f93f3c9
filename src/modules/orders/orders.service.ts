import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import { groupBy } from '../../common/group-by.js';
import type { Page } from '../../common/page.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../database/database.js';
import { byCount, padded, placeholders } from '../../database/sql.js';
import type { SqlValue } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import { boughtColumns, cutBoughtColumns, productRows } from '../products/catalogue.service.js';
import type { BoughtProduct } from '../products/product.js';
import { OrderItem } from './order-item.entity.js';
import type { OrderRole, OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

/** HOT PATH: what every buyer and every merchant looks at (docs/performance.md, "Where the speed lives"). */

const ORDERS = tableOf(Order);
const ITEMS = tableOf(OrderItem);
const SHOWN = ORDERS.without('checkoutId', 'statusSince', 'channel', 'firstTitle', 'firstProductId');
const SHOWN_OF_ITEM = ['orderId', 'productId', 'snapshotId', 'price', 'count'] as const;

/** An item as its buyer saw it, beside what the shelf says today. */
export type OrderItemDetails = Pick<OrderItem, (typeof SHOWN_OF_ITEM)[number]> & BoughtProduct;

type OrderHead = Pick<Order, (typeof SHOWN)[number]> & {
  /** The phone bound to the buyer's account; null when none. */
  readonly buyerPhone: string | null;
  /** How many items it has. */
  readonly itemCount: number;
};

export interface OrderDetails extends OrderHead {
  readonly items: readonly OrderItemDetails[];
}

export interface OrderFilter {
  /** Absent is all. */
  readonly status?: OrderStatus | undefined;
  /** Only orders older than this one: paging by cursor. */
  readonly beforeId?: number | undefined;
}

/** Whose orders a list shows; the indexes begin with the columns of `where`. */
interface OrderOwner {
  readonly where: string;
  readonly id: number;
  /** Goes on with the id. */
  readonly index: string;
  /** Holds the status too: before the id where so many are one's own that a walk over them would be felt. */
  readonly indexOfStatus: string;
}

const OF_BUYER = {
  where: 'buyer_id = ? AND hidden_from_buyer = 0',
  index: 'idx_orders_buyer',
  indexOfStatus: 'idx_orders_buyer',
};
const OF_MERCHANT = {
  where: 'merchant_id = ?',
  index: 'idx_orders_merchant',
  indexOfStatus: 'idx_orders_merchant_status',
};

/**
 * So many characters the details of all lines of a list have together, so many those of one order, and so many the descriptions,
 * the titles, the icons: beyond it each is cut to its share (docs/wires.md, orders).
 */
const LIST_TEXT = 300_000;
const ORDER_TEXT = 1_000_000;
/** No text of a product is longer. */
const LONGEST_TEXT = 10_000;

const LINES = '(SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id)';
const COLUMNS = `SELECT ${ORDERS.select(SHOWN, 'o')}, u.phone AS buyerPhone, ${LINES} AS itemCount`;
const WITH_BUYER = 'LEFT JOIN users u ON u.id = o.buyer_id';
const itemsWith = (columns: string) =>
  byCount(
    (count) =>
      `SELECT ${ITEMS.select(SHOWN_OF_ITEM, 'i')}, ${columns} FROM order_items i ` +
      'JOIN product_snapshots s ON s.id = i.snapshot_id LEFT JOIN products p ON p.id = i.product_id ' +
      `WHERE i.order_id IN (${placeholders(count)}) ORDER BY i.id`,
  );
const SELECT_ITEMS = itemsWith(boughtColumns('s', 'p'));
const SELECT_CUT_ITEMS = itemsWith(cutBoughtColumns('s', 'p'));

/** Reads orders by two prepared statements, however many there are: orders with their buyers, then items with their products. */
@Injectable()
export class OrdersService {
  constructor(private readonly database: Database) {}

  /** Orders the buyer placed and has not deleted, newest first. */
  async listForBuyer(buyerId: number, filter: OrderFilter, page: Page): Promise<OrderDetails[]> {
    return this.listPage({ ...OF_BUYER, id: buyerId }, filter, page);
  }

  /** Orders placed with the merchant, deleted ones too, newest first. */
  async listForMerchant(merchantId: number, filter: OrderFilter, page: Page): Promise<OrderDetails[]> {
    return this.listPage({ ...OF_MERCHANT, id: merchantId }, filter, page);
  }

  /** @throws DomainError `not_found` for a stranger too: nobody learns whether a foreign order exists */
  async getOrder(user: Principal, id: number): Promise<OrderDetails> {
    const [order] = await this.select('orders o', 'WHERE o.id = ?', [id]);
    if (!order || !roleOn(order, user)) throw notFound('order');
    const [details] = await this.withItems([order], ORDER_TEXT);
    return details;
  }

  /** Unchecked: for whoever has just placed or settled these orders. By ascending id. */
  async listByIds(ids: readonly number[]): Promise<OrderDetails[]> {
    if (ids.length === 0) return [];
    const asked = padded(ids);
    const which = `WHERE o.id IN (${placeholders(asked.length)}) ORDER BY o.id`;
    return this.withItems(await this.select('orders o', which, asked), ORDER_TEXT);
  }

  /** The ids come from an index alone; rows are read for one page only. */
  private async listPage(
    owner: OrderOwner,
    { status, beforeId }: OrderFilter,
    { from, length }: Page,
  ): Promise<OrderDetails[]> {
    const where = [owner.where, ...(status ? ['status = ?'] : []), ...(beforeId ? ['id < ?'] : [])].join(' AND ');
    const index = status ? owner.indexOfStatus : owner.index;
    const page = this.database.sql.newestPage({ table: 'orders', alias: 'o', index, where });
    const params = [owner.id, ...(status ? [status] : []), ...(beforeId ? [beforeId] : [])];
    const orders = await this.select(page, 'ORDER BY o.id DESC', [...params, length, from]);
    return this.withItems(orders, LIST_TEXT);
  }

  /** `from` names the orders `o`, `which` ends the statement. */
  private async select(from: string, which: string, params: readonly SqlValue[]): Promise<OrderHead[]> {
    const sql = `${COLUMNS} FROM ${from} ${WITH_BUYER} ${which}`;
    return ORDERS.rows(await this.database.read<Stored<OrderHead>>(sql, params));
  }

  /** `text` is what the lines' texts of one kind may have together, in characters. */
  private async withItems(orders: readonly OrderHead[], text: number): Promise<OrderDetails[]> {
    if (orders.length === 0) return [];
    const ids = padded(orders.map((order) => order.id));
    const share = Math.floor(text / orders.reduce((sum, { itemCount }) => sum + itemCount, 0));
    const [sql, params] =
      share < LONGEST_TEXT
        ? [SELECT_CUT_ITEMS(ids.length), [share, share, share, share, ...ids]]
        : [SELECT_ITEMS(ids.length), ids];
    const rows = productRows(await this.database.read<Stored<OrderItemDetails>>(sql, params));
    const items = groupBy(rows, (item) => item.orderId);
    return orders.map((order) => Object.assign(order, { items: items.get(order.id) ?? [] }));
  }
}

/**
 * As whom this user acts on the order; null for a stranger. Who placed an order with his own shop acts as its buyer, and
 * a buyer who has deleted it is a stranger.
 */
export function roleOn(
  order: { readonly buyerId: number; readonly merchantId: number; readonly hiddenFromBuyer: boolean },
  user: Principal,
): OrderRole | null {
  const isBuyer = order.buyerId === user.userId;
  if (isBuyer && order.hiddenFromBuyer) return null;
  if (hasAny(user.permission, Permission.Root)) return 'root';
  if (isBuyer) return 'buyer';
  return order.merchantId === user.userId && hasAny(user.permission, Permission.Merchant) ? 'merchant' : null;
}
