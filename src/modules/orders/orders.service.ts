import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import { groupBy } from '../../common/group-by.js';
import type { Page } from '../../common/page.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../database/database.js';
import {
  byCount,
  byDialect,
  padded,
  placeholders,
  type ListLength,
  type Padded,
  type SqlDialect,
  type SqlValue,
} from '../../database/sql.js';
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

/** A reply with more items than this has their texts cut (docs/wires.md, orders). */
const MAX_WHOLE_ITEMS = 100;
/** So many characters the details of a long list have together, or those of a long order; so many the descriptions, the titles, the icons. */
const LIST_TEXT = 300_000;
const ORDER_TEXT = 1_000_000;

const COLUMNS = `SELECT ${ORDERS.select(SHOWN, 'o')}, u.phone AS buyerPhone`;
const WITH_BUYER = 'LEFT JOIN users u ON u.id = o.buyer_id';
const ofOrders = (count: ListLength): string => `i.order_id IN (${placeholders(count)})`;
const itemsWith = (columns: string, end = ''): ((dialect: SqlDialect, count: ListLength) => string) =>
  byDialect(
    (dialect, count) =>
      `SELECT ${ITEMS.select(SHOWN_OF_ITEM, 'i')}, ${columns} FROM order_items i${dialect.byIndex('idx_order_items_order')} ` +
      'JOIN product_snapshots s ON s.id = i.snapshot_id LEFT JOIN products p ON p.id = i.product_id ' +
      `WHERE ${ofOrders(count)} ORDER BY i.order_id, i.id${end}`,
  );
const SELECT_ITEMS = itemsWith(boughtColumns('s', 'p'), ` LIMIT ${MAX_WHOLE_ITEMS + 1}`);
const SELECT_CUT_ITEMS = itemsWith(cutBoughtColumns('s', 'p'));
const COUNT_ITEMS = byCount((count) => `SELECT COUNT(*) AS items FROM order_items i WHERE ${ofOrders(count)}`);

/** Reads orders by two prepared statements: orders with their buyers, then items with their products; long lists by two more. */
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

  /** `text` is what the items' texts of one kind have together where there are many, in characters. */
  private async withItems(orders: readonly OrderHead[], text: number): Promise<OrderDetails[]> {
    if (orders.length === 0) return [];
    const ids = padded(orders.map((order) => order.id));
    const whole = await this.readItems(SELECT_ITEMS(this.database.sql, ids.length), ids);
    const items = groupBy(
      whole.length > MAX_WHOLE_ITEMS ? await this.cutItems(ids, text) : whole,
      (item) => item.orderId,
    );
    return orders.map((order) => Object.assign(order, { items: items.get(order.id) ?? [] }));
  }

  private async cutItems(ids: Padded<number>, text: number): Promise<OrderItemDetails[]> {
    const counted = await this.database.readOne<{ items: number }>(COUNT_ITEMS(ids.length), ids);
    const share = Math.floor(text / counted!.items);
    return this.readItems(SELECT_CUT_ITEMS(this.database.sql, ids.length), [share, share, share, share, ...ids]);
  }

  private async readItems(sql: string, params: readonly SqlValue[]): Promise<OrderItemDetails[]> {
    return productRows(await this.database.read<Stored<OrderItemDetails>>(sql, params));
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
