import type { Mall } from './mall.js';
import { proves } from './story.js';

export interface Product {
  readonly id: number;
  readonly title: string;
  readonly price: number;
  readonly stock: number;
  readonly ownerUserId: number;
}

export interface Order {
  readonly order_id: number;
  readonly owner_shop_user_id: number;
  readonly now_status: number;
  readonly total_price: number;
  readonly tracking_number: string[];
}

export const RECIPIENT = {
  name: '小明',
  phone_number: '18089876534',
  address: '广东省深圳市南山区',
  message: '快点发货',
};

/** One product of each of two merchants, as the home page shows them. */
export async function twoMerchantsProducts(mall: Mall): Promise<readonly [Product, Product]> {
  const { products } = await mall.data<{ products: Product[] }>('GET', 'product/homeTab', { from: 0, length: 50 });
  const [first] = products;
  const second = products.find(({ ownerUserId }) => ownerUserId !== first.ownerUserId);
  if (!second) throw new Error('the home page shows one merchant only');
  return [first, second];
}

/** Puts one of each into the cart and checks out: one order for each merchant. */
export async function checkOut(mall: Mall, token: string, products: readonly Product[]): Promise<number[]> {
  for (const { id } of products) await mall.data('POST', 'cart/addProduct', { productId: id }, token);
  const body = { product_ids: products.map(({ id }) => id), transportation_price: 5, ...RECIPIENT };
  return (await mall.data<{ order_id: number[] }>('POST', 'order/generateOrder', body, token)).order_id;
}

export async function statusesOf(mall: Mall, token: string, orderIds: readonly number[]): Promise<number[]> {
  const orders = orderIds.map((order_id) => mall.data<Order>('GET', 'order/orderInfo', { order_id }, token));
  return (await Promise.all(orders)).map((order) => order.now_status);
}

export async function merchantOf(mall: Mall, product: Product): Promise<string> {
  for (const code of ['demo-merchant-a', 'demo-merchant-b']) {
    const token = await mall.login(code);
    const { userId } = await mall.data<{ userId: number }>('GET', 'user/profile', {}, token);
    if (userId === product.ownerUserId) return token;
  }
  throw new Error(`nobody of the demo owns product ${product.id}`);
}

/** The audit re-adds every entry and walks the chain of seals. */
export async function provesCleanBooks(mall: Mall): Promise<void> {
  const audit = await mall.data<Record<string, unknown>>('GET', 'ledger/audit', {}, await mall.login('demo-root'));
  const zero = { sum: 0 };
  proves('the sums', audit['assets'], { CNY: zero, COUPON: zero, GOLD: zero });
  proves('the audit', audit['clean'], true);
}

/** In fen, so that the story adds integers. */
export function fenOf(yuan: number): number {
  return Math.round(yuan * 100);
}

/** Looks again until it is so, for at most ten seconds. */
export async function eventually<T>(what: string, look: () => Promise<T>, expected: T): Promise<void> {
  const until = Date.now() + 10_000;
  let seen = await look();
  while (JSON.stringify(seen) !== JSON.stringify(expected) && Date.now() < until) {
    await new Promise((done) => setTimeout(done, 100));
    seen = await look();
  }
  proves(what, seen, expected);
}
