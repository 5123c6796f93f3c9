import { OrderLifecycle } from '../../src/modules/orders/order-lifecycle.service.js';
import { SYSTEM } from '../../src/modules/orders/order.js';
import type { OrderStatus } from '../../src/modules/orders/order-status.js';
import { Transactions } from '../../src/database/transactions.js';
import { succeeded } from './api-v1.js';
import type { TestApp, TestUser } from './app.js';
import { numberOf } from './order-status.js';

/** The document's example product, as `shop/addProduct` takes it; price in yuan. */
export const PRODUCT = {
  price: 233,
  title: '没过期猪小排100g',
  description: '过期的猪小排。',
  pictureNumber: 2,
  stock: 32,
  detail: '新鲜的天的猪小排，哈哈哈哈哈哈',
  detailPictureNumber: 3,
};

/** The document's checkout, without its product ids. */
export const TERMS = {
  transportation_price: 5.5,
  name: 'hhh',
  phone_number: '18089876534',
  address: '广东省深圳市南山区',
  message: '快点发货',
};

export interface OrderJson {
  readonly order_id: number;
  readonly now_status: number;
  readonly pay_time: number;
  readonly verify_time: number;
  readonly shop_message: string;
  readonly tracking_number: string[];
  readonly [field: string]: unknown;
}

/** Sets the stage for tests of carts, orders and comments. */
export class Mall {
  constructor(readonly app: TestApp) {}

  /** Puts the example product on sale, or one that differs in `fields`; returns its id. */
  async product(owner: TestUser, fields: Partial<typeof PRODUCT> & { icon?: string } = {}): Promise<number> {
    const reply = await this.app.post('/api/v1/shop/addProduct', { ...PRODUCT, ...fields }, owner.token);
    return succeeded(reply)['id'] as number;
  }

  async unlist(owner: TestUser, id: number): Promise<void> {
    succeeded(await this.app.post('/api/v1/shop/dropProduct', { id }, owner.token));
  }

  async stockOf(productId: number): Promise<number> {
    const [row] = await this.app.rows<{ stock: number }>('SELECT stock FROM products WHERE id = ?', [productId]);
    return row.stock;
  }

  async fillCart(buyer: TestUser, productId: number, count = 1): Promise<void> {
    succeeded(await this.app.post('/api/v1/cart/modifyProduct', { productId, modifyCount: count }, buyer.token));
  }

  /** Puts one each of so many new products into the cart; returns their ids. */
  async crowdCart(buyer: TestUser, owner: TestUser, lines: number): Promise<number[]> {
    const products = await this.products(owner, lines);
    for (const id of products) await this.fillCart(buyer, id);
    return products;
  }

  async products(owner: TestUser, count: number): Promise<number[]> {
    const ids: number[] = [];
    while (ids.length < count) {
      const part = Array.from({ length: Math.min(20, count - ids.length) }, () => this.product(owner));
      ids.push(...(await Promise.all(part)));
    }
    return ids;
  }

  /** The cart's products and counts, in its order. */
  async cartOf(buyer: TestUser): Promise<[number, number][]> {
    const reply = await this.app.get('/api/v1/cart/userProducts', { length: 100 }, buyer.token);
    const lines = succeeded(reply)['Products'] as { id: number; count: number }[];
    return lines.map(({ id, count }) => [id, count]);
  }

  /** Puts one of each into the cart and checks out; returns the order ids. */
  async order(buyer: TestUser, productIds: number[], terms: object = {}): Promise<number[]> {
    for (const productId of productIds) await this.fillCart(buyer, productId);
    const body = { ...TERMS, product_ids: productIds, ...terms };
    return succeeded(await this.app.post('/api/v1/order/generateOrder', body, buyer.token))['order_id'] as number[];
  }

  async orderInfo(user: TestUser, orderId: number): Promise<OrderJson> {
    return succeeded(await this.app.get('/api/v1/order/orderInfo', { order_id: orderId }, user.token)) as OrderJson;
  }

  /** Brings an unpaid order to a status as payments, buyers and refunds do. */
  async bring(orderId: number, status: 1 | 2 | 3 | 4 | 5 | 6, channel: 'wechat' | 'offline' = 'wechat'): Promise<void> {
    const lifecycle = this.app.app.get(OrderLifecycle);
    const why = { actor: SYSTEM, reason: 'test' };
    await this.app.app.get(Transactions).run(async (tx) => {
      if (status === 5) await lifecycle.closeUnpaid(tx, orderId, why);
      if (status === 1 || status === 5) return;
      await lifecycle.markPaid(tx, [orderId], { channel, paidAt: new Date(), actorOf: () => SYSTEM });
      if (status === 3 || status === 4) await lifecycle.confirmReceipt(tx, orderId, why);
      if (status === 4) await lifecycle.complete(tx, orderId, why);
      if (status === 6) await lifecycle.markRefunded(tx, orderId, why);
    });
  }

  /** `from>to actor` of every change of an order, in order; statuses as api-v1 counts them. */
  async historyOf(orderId: number): Promise<string[]> {
    const rows = await this.app.rows<{
      f: OrderStatus;
      t: OrderStatus;
      kind: string;
      actor: number | null;
      reason: string;
    }>(
      'SELECT from_status AS f, to_status AS t, actor_kind AS kind, actor_id AS actor, reason FROM order_history WHERE order_id = ? ORDER BY id',
      [orderId],
    );
    return rows.map(({ f, t, kind, actor, reason }) => {
      if (reason === '') throw new Error('a change without a reason');
      return `${numberOf(f)}>${numberOf(t)} ${kind}${actor === null ? '' : ` ${actor}`}`;
    });
  }
}
