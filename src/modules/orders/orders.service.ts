import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import { groupBy } from '../../common/group-by.js';
import type { Page } from '../../common/page.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import type { SqlValue } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import type { ProductSnapshot } from '../products/product-snapshot.entity.js';
import { ProductsService } from '../products/products.service.js';
import { UsersService } from '../users/users.service.js';
import { OrderItem } from './order-item.entity.js';
import type { OrderRole, OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

/** An item as its buyer saw it, beside what the shelf says today. */
export interface OrderItemDetails extends OrderItem {
  readonly snapshot: ProductSnapshot;
  readonly stock: number;
  readonly listed: boolean;
}

export interface OrderDetails extends Order {
  readonly items: readonly OrderItemDetails[];
  /** The phone bound to the buyer's account; empty when none. */
  readonly buyerPhone: string;
}

export interface OrderFilter {
  /** Absent is all. */
  readonly status?: OrderStatus | undefined;
  /** Only orders older than this one: paging by cursor. */
  readonly beforeId?: number | undefined;
}

const ORDERS = tableOf(Order);
const ITEMS = tableOf(OrderItem);
const SELECT_ORDERS = `SELECT ${ORDERS.select()} FROM orders`;
const SELECT_ITEMS = `SELECT ${ITEMS.select()} FROM order_items`;

/** Reads orders. A list costs the same few prepared statements for every length: it is what every buyer looks at. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly database: Database,
    private readonly products: ProductsService,
    private readonly users: UsersService,
  ) {}

  /** Orders the buyer placed and has not deleted, newest first. */
  async listForBuyer(buyerId: number, filter: OrderFilter, page: Page): Promise<OrderDetails[]> {
    return this.listPage('buyer_id = ? AND hidden_from_buyer = 0', [buyerId], filter, page);
  }

  /** Orders placed with the merchant, deleted ones too, newest first. */
  async listForMerchant(merchantId: number, filter: OrderFilter, page: Page): Promise<OrderDetails[]> {
    return this.listPage('merchant_id = ?', [merchantId], filter, page);
  }

  /** @throws DomainError `not_found` for a stranger too: nobody learns whether a foreign order exists */
  async getOrder(user: Principal, id: number): Promise<OrderDetails> {
    const [order] = await this.select('WHERE id = ?', [id]);
    if (!order || !roleOn(order, user)) throw notFound('order');
    const [details] = await this.withDetails([order]);
    return details;
  }

  /** Unchecked: for whoever has just placed or settled these orders. By ascending id. */
  async listByIds(ids: readonly number[]): Promise<OrderDetails[]> {
    if (ids.length === 0) return [];
    return this.withDetails(await this.select(`WHERE id IN (${placeholders(ids.length)}) ORDER BY id`, ids));
  }

  /** The ids come from an index alone; rows are read for one page only. */
  private async listPage(
    owner: string,
    ownerParams: readonly SqlValue[],
    { status, beforeId }: OrderFilter,
    { from, length }: Page,
  ): Promise<OrderDetails[]> {
    const where = [owner, ...(status ? ['status = ?'] : []), ...(beforeId ? ['id < ?'] : [])].join(' AND ');
    const params = [...ownerParams, ...(status ? [status] : []), ...(beforeId ? [beforeId] : [])];
    const orders = await this.select(
      `JOIN (SELECT id AS page_id FROM orders WHERE ${where} ORDER BY id DESC LIMIT ? OFFSET ?) page ON page_id = id
       ORDER BY id DESC`,
      [...params, length, from],
    );
    return this.withDetails(orders);
  }

  /** `which` ends the statement. */
  private async select(which: string, params: readonly SqlValue[]): Promise<Order[]> {
    return ORDERS.rows(await this.database.read<Stored<Order>>(`${SELECT_ORDERS} ${which}`, params));
  }

  private async withDetails(orders: readonly Order[]): Promise<OrderDetails[]> {
    if (orders.length === 0) return [];
    const [items, phones] = await Promise.all([
      this.itemsOf(orders.map((order) => order.id)),
      this.phonesOf([...new Set(orders.map((order) => order.buyerId))]),
    ]);
    return orders.map((order) => ({
      ...order,
      items: items.get(order.id) ?? [],
      buyerPhone: phones.get(order.buyerId) ?? '',
    }));
  }

  private async itemsOf(orderIds: readonly number[]): Promise<Map<number, OrderItemDetails[]>> {
    const sql = `${SELECT_ITEMS} WHERE order_id IN (${placeholders(orderIds.length)}) ORDER BY id`;
    const rows = ITEMS.rows(await this.database.read<Stored<OrderItem>>(sql, orderIds));
    const [snapshots, products] = await Promise.all([
      this.products.findSnapshots(rows.map((row) => row.snapshotId)),
      this.products.findMany([...new Set(rows.map((row) => row.productId))]),
    ]);
    const items = rows.map((item): OrderItemDetails => {
      const product = products.get(item.productId);
      const snapshot = snapshots.get(item.snapshotId);
      if (!snapshot) throw new Error(`order item ${item.id} has no snapshot`);
      return { ...item, snapshot, stock: product?.stock ?? 0, listed: product?.listed ?? false };
    });
    return groupBy(items, (item) => item.orderId);
  }

  private async phonesOf(buyerIds: readonly number[]): Promise<Map<number, string>> {
    const profiles = await this.users.listProfiles('id', buyerIds);
    return new Map(profiles.map(({ id, phone }) => [id, phone ?? '']));
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
