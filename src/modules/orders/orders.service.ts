import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import { groupBy } from '../../common/group-by.js';
import type { Page } from '../../common/page.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import type { SqlValue } from '../../database/sql.js';
import { ProductsService, type ProductSnapshot } from '../products/products.service.js';
import { UsersService } from '../users/users.service.js';
import { RegisteredPayments, type OpenPayments } from './open-payments.service.js';
import type { OrderHead, OrderItem } from './order.js';
import { HEAD_COLUMNS, ITEM_COLUMNS, toHead, toItem, type HeadRow, type ItemRow } from './order-rows.js';
import type { OrderRole, OrderStatus } from './order-status.js';

/** An item as its buyer saw it, beside what the shelf says today. */
export interface ShownItem extends OrderItem {
  readonly snapshot: ProductSnapshot;
  readonly stock: number;
  readonly listed: boolean;
}

export interface ShownOrder extends OrderHead {
  readonly items: readonly ShownItem[];
  /** The phone bound to the buyer's account; empty when none. */
  readonly buyerPhone: string;
}

export interface OrderFilter {
  /** Absent is all. */
  readonly status?: OrderStatus | undefined;
  /** Only orders older than this one: paging by cursor. */
  readonly beforeId?: number | undefined;
}

/** Reads orders. A list costs the same few statements for every length. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly database: Database,
    private readonly products: ProductsService,
    private readonly users: UsersService,
    private readonly payments: RegisteredPayments,
  ) {}

  /** Called once at start by the payments feature. */
  registerOpenPayments(payments: OpenPayments): void {
    this.payments.register(payments);
  }

  /** Orders the buyer placed and has not deleted, newest first. */
  async listForBuyer(buyerId: number, filter: OrderFilter, page: Page): Promise<ShownOrder[]> {
    return this.listPage('buyer_id = ? AND hidden_from_buyer = 0', [buyerId], filter, page);
  }

  /** Orders placed with the merchant, deleted ones too, newest first. */
  async listForMerchant(merchantId: number, filter: OrderFilter, page: Page): Promise<ShownOrder[]> {
    return this.listPage('merchant_id = ?', [merchantId], filter, page);
  }

  /** @throws DomainError `not_found` for a stranger too: nobody learns whether a foreign order exists */
  async getOrder(user: Principal, id: number): Promise<ShownOrder> {
    const [row] = await this.database.read<HeadRow>(`SELECT ${HEAD_COLUMNS} FROM orders WHERE id = ?`, [id]);
    if (!row || !roleOn(toHead(row), user)) throw notFound('order');
    const [order] = await this.show([toHead(row)]);
    return order;
  }

  /** Unchecked: for whoever has just placed or settled these orders. By ascending id. */
  async listByIds(ids: readonly number[]): Promise<ShownOrder[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.read<HeadRow>(
      `SELECT ${HEAD_COLUMNS} FROM orders WHERE id IN (${placeholders(ids.length)}) ORDER BY id`,
      ids,
    );
    return this.show(rows.map(toHead));
  }

  /** The ids come from an index alone; rows are read for one page only. */
  private async listPage(
    owner: string,
    ownerParams: readonly SqlValue[],
    { status, beforeId }: OrderFilter,
    { from, length }: Page,
  ): Promise<ShownOrder[]> {
    const where = [owner, ...(status ? ['status = ?'] : []), ...(beforeId ? ['id < ?'] : [])].join(' AND ');
    const params = [...ownerParams, ...(status ? [status] : []), ...(beforeId ? [beforeId] : [])];
    const rows = await this.database.read<HeadRow>(
      `SELECT ${HEAD_COLUMNS} FROM orders JOIN
         (SELECT id AS page_id FROM orders WHERE ${where} ORDER BY id DESC LIMIT ? OFFSET ?) page ON page_id = id
       ORDER BY id DESC`,
      [...params, length, from],
    );
    return this.show(rows.map(toHead));
  }

  private async show(orders: readonly OrderHead[]): Promise<ShownOrder[]> {
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

  private async itemsOf(orderIds: readonly number[]): Promise<Map<number, ShownItem[]>> {
    const rows = await this.database.read<ItemRow>(
      `SELECT ${ITEM_COLUMNS} FROM order_items WHERE order_id IN (${placeholders(orderIds.length)}) ORDER BY id`,
      orderIds,
    );
    const [snapshots, products] = await Promise.all([
      this.products.findSnapshots(rows.map((row) => row.snapshotId)),
      this.products.findMany([...new Set(rows.map((row) => row.productId))]),
    ]);
    const shown = rows.map((row): ShownItem => {
      const product = products.get(row.productId);
      const snapshot = snapshots.get(row.snapshotId);
      if (!snapshot) throw new Error(`order item ${row.id} has no snapshot`);
      return { ...toItem(row), snapshot, stock: product?.stock ?? 0, listed: product?.listed ?? false };
    });
    return groupBy(shown, (item) => item.orderId);
  }

  private async phonesOf(buyerIds: readonly number[]): Promise<Map<number, string>> {
    const profiles = await this.users.listProfiles('id', buyerIds);
    return new Map(profiles.map((profile) => [Number(profile.id), profile.phone ?? '']));
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
