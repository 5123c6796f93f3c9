import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestUser } from '../support/app.js';
import { PRODUCT, TERMS, type OrderJson } from '../support/mall.js';
import { openTill } from '../support/till.js';

const { app, mall, buyer, other, merchant, second, root } = openTill();

/** The longest texts that a merchant may give, of characters that are three bytes each. */
const HEAVY = { title: '猪'.repeat(200), description: '排'.repeat(1000), detail: '肉'.repeat(10_000) };
const MEGABYTE = 1_000_000;
const ORDERS = 100;
const MAX_ITEMS = 100;
/** What the texts of one kind have together in a list, in characters. */
const LIST_TEXT = 300_000;

interface Line {
  readonly products: {
    readonly id: number;
    readonly detail: string;
    readonly description: string;
    readonly title: string;
  };
  readonly count: number;
}

/** `MAX_ITEMS` of the merchant and one more, with the longest texts. */
const products: number[] = [];
let largest: number;

beforeAll(async () => {
  for (let index = 0; index <= MAX_ITEMS; index += 1) {
    products.push(await mall.product(merchant, { ...HEAVY, stock: 1000 }));
  }
  [largest] = await mall.order(buyer, products.slice(0, MAX_ITEMS), LONGEST_TERMS);
  await copyOrder(largest, ORDERS - 1, 1);
});

const LONGEST_TERMS = { name: '名'.repeat(64), address: '址'.repeat(500), message: '言'.repeat(500) };

const columnsOf = async (table: string, ...left: string[]): Promise<string> => {
  const [row] = await app.rows<object>(`SELECT * FROM ${table} LIMIT 1`);
  return Object.keys(row)
    .filter((column) => !['id', ...left].includes(column))
    .join(', ');
};

/** Inserts `times` more orders like this one, each with its lines `repeated` times. */
async function copyOrder(order: number, times: number, repeated: number, buyerId = buyer.id): Promise<void> {
  const columns = await columnsOf('orders', 'buyer_id');
  const ofItems = await columnsOf('order_items', 'order_id');
  const [{ newest }] = await app.rows<{ newest: number }>('SELECT MAX(id) AS newest FROM orders');
  const insert = `INSERT INTO orders (buyer_id, ${columns}) SELECT ?, ${columns} FROM orders WHERE id = ?`;
  for (let copy = 0; copy < times; copy += 1) await app.tamper(insert, [buyerId, order]);
  const items =
    `INSERT INTO order_items (order_id, ${ofItems}) SELECT o.id, ${ofItems} FROM order_items i JOIN orders o ON o.id > ? ` +
    'WHERE i.order_id = ?';
  for (let copy = 0; copy < repeated; copy += 1) await app.tamper(items, [newest, order]);
}

const bytesOf = (reply: Response): number => Buffer.byteLength(reply.text);
const userOrder = (query: object = { length: ORDERS }, user: TestUser = buyer): PromiseLike<Response> =>
  app.get('/api/v1/order/userOrder', query, user.token);
const shopOrder = (): PromiseLike<Response> => app.get('/api/v1/order/shopOrder', { length: ORDERS }, merchant.token);
const orderList = (user: TestUser): PromiseLike<Response> => app.post('/liveuser/Order/List', {}, user.token);

const ordersIn = (reply: Response): OrderJson[] => succeeded(reply)['orders'] as OrderJson[];
const linesOf = (order: OrderJson): Line[] => order['product_and_count'] as Line[];

describe('lists of the largest orders there can be', () => {
  it.each([
    ['userOrder', () => userOrder()],
    ['shopOrder', shopOrder],
  ])('%s has all orders with all lines in 10 MB', async (_, list) => {
    const reply = await list();
    expect(bytesOf(reply)).toBeLessThan(10 * MEGABYTE);
    const orders = ordersIn(reply);
    expect(orders).toHaveLength(ORDERS);
    for (const order of orders) expect(linesOf(order)).toHaveLength(MAX_ITEMS);
    const share = LIST_TEXT / (ORDERS * MAX_ITEMS);
    const [{ products: first }] = linesOf(orders[0]);
    expect([first.detail, first.description, first.title]).toEqual(
      [HEAVY.detail, HEAVY.description, HEAVY.title].map((text) => text.slice(0, share)),
    );
  });

  it('Order/List has its ten in 12 MB', async () => {
    const reply = await orderList(buyer);
    expect(bytesOf(reply)).toBeLessThan(12 * MEGABYTE);
    const { orders } = reply.body as { orders: { products: { detail: string }[] }[] };
    expect(orders.map((order) => order.products.length)).toEqual(Array<number>(10).fill(MAX_ITEMS));
    // Eleven are read, to see whether there is a next page.
    const share = Math.floor(LIST_TEXT / (11 * MAX_ITEMS));
    expect((JSON.parse(orders[9].products[99].detail) as { detail: string }).detail).toHaveLength(share);
  });

  it('one order alone has all of its details, in 10 MB', async () => {
    const reply = await app.get('/api/v1/order/orderInfo', { order_id: largest }, buyer.token);
    expect(bytesOf(reply)).toBeLessThan(10 * MEGABYTE);
    const details = linesOf(succeeded(reply) as OrderJson).map((line) => line.products.detail);
    expect(details).toEqual(Array<string>(MAX_ITEMS).fill(HEAVY.detail));
  });

  it('a page of up to 100 lines has all details', async () => {
    const small: number[] = [];
    for (let index = 0; index < 10; index += 1) small.push(...(await mall.order(other, products.slice(0, 10))));
    const orders = ordersIn(await userOrder({ length: ORDERS }, other));
    expect(orders.map((order) => order.order_id)).toEqual(small.toReversed());
    const details = orders.flatMap(linesOf).map((line) => line.products.detail);
    expect(details).toEqual(Array<string>(100).fill(HEAVY.detail));
  });

  it('a page of many lines with short details has them whole', async () => {
    const [plain, shopper] = [await mall.product(second, { stock: 101 }), await app.login('shopper')];
    const [order] = await mall.order(shopper, [plain]);
    await copyOrder(order, 60, 2, shopper.id);
    const details = ordersIn(await userOrder({ length: ORDERS }, shopper)).flatMap(linesOf);
    expect(details.map((line) => line.products.detail)).toEqual(Array<string>(121).fill(PRODUCT.detail));
  });

  it('eight at once are answered, and so are others meanwhile', async () => {
    const lists = Promise.all([...Array.from({ length: 6 }, () => userOrder()), shopOrder(), orderList(buyer)]);
    const begun = performance.now();
    for (let beat = 0; beat < 5; beat += 1) expect((await app.get('/health/live')).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(20_000);
    for (const reply of await lists) {
      expect(reply.status).toBe(200);
      expect(bytesOf(reply)).toBeLessThan(12 * MEGABYTE);
    }
  });
});

describe('an order of more products than 100', () => {
  const generate = (ids: number[]): PromiseLike<Response> =>
    app.post('/api/v1/order/generateOrder', { ...TERMS, product_ids: ids }, other.token);

  it('is refused and takes nothing; of two merchants so many are two orders', async () => {
    for (const id of products) await mall.fillCart(other, id);
    const stock = await mall.stockOf(products[0]);
    expect(refused(await generate(products), 400)).toBe('at most 100 products in one order');
    expect([await mall.stockOf(products[0]), (await mall.cartOf(other)).length]).toEqual([stock, 100]);
    const beef = await mall.product(second);
    await mall.fillCart(other, beef);
    expect(succeeded(await generate([...products.slice(1), beef]))['order_id']).toHaveLength(2);
  });

  it('made before that was so is listed in 20 MB, and shown by itself in 12', async () => {
    const old = await app.login('old');
    await copyOrder(largest, 60, 5, old.id);
    const reply = await userOrder({ length: ORDERS }, old);
    expect(bytesOf(reply)).toBeLessThan(20 * MEGABYTE);
    const orders = ordersIn(reply);
    expect(orders.map((order) => linesOf(order).length)).toEqual(Array<number>(60).fill(500));
    expect(bytesOf(await orderList(old))).toBeLessThan(20 * MEGABYTE);
    const one = await app.get('/api/v1/order/orderInfo', { order_id: orders[0].order_id }, old.token);
    expect(bytesOf(one)).toBeLessThan(12 * MEGABYTE);
    expect(linesOf(succeeded(one) as OrderJson)[0].products.detail).toHaveLength(2000);
  });
});

describe('every other list', () => {
  /** Bytes of a list: a character is six in JSON at most, a row's keys, numbers and marks are less than 400. */
  const most = (rows: number, characters: number): number => rows * (6 * characters + 400) + 1000;
  const CARD = 1200;
  let tabId: number;

  beforeAll(async () => {
    tabId = succeeded(await app.post('/api/v1/product/tabAdd', { name: 'all', products }, root.token))[
      'tabId'
    ] as number;
    succeeded(await app.post('/api/v1/product/modifyHomeTab', { products }, root.token));
    for (const id of products) await mall.fillCart(buyer, id);
  });

  it.each<[string, () => PromiseLike<Response>, number]>([
    [
      'shop/ownerProducts',
      () => app.get('/api/v1/shop/ownerProducts', { length: 1e9 }, merchant.token),
      most(100, 11_200),
    ],
    ['search', () => app.post('/api/v1/search', { key: '猪', length: 1e9 }), most(100, 11_200)],
    ['product/tabProducts', () => app.get('/api/v1/product/tabProducts', { tabId }), most(1000, CARD)],
    ['product/tabList', () => app.get('/api/v1/product/tabList'), most(10_000, 64)],
    ['product/homeTab', () => app.get('/api/v1/product/homeTab'), most(1000, CARD)],
    ['a page of it', () => app.get('/api/v1/product/homeTab', { from: 0, length: 1e9 }), most(100, CARD)],
    ['cart/userProducts', () => app.get('/api/v1/cart/userProducts', { length: 1e9 }, buyer.token), most(100, CARD)],
    ['cart/getCart', () => app.post('/api/v1/cart/getCart', { product_ids: products }, buyer.token), most(500, CARD)],
    ['comment/product', () => app.get('/api/v1/comment/product', { product_id: products[0] }), most(100, 500)],
    ['wallet/statement', () => app.get('/api/v1/wallet/statement', { length: 1e9 }, buyer.token), most(100, 300)],
    ['shop/statement', () => app.get('/api/v1/shop/statement', { length: 1e9 }, merchant.token), most(100, 300)],
    ['address/address', () => app.get('/api/v1/address/address', {}, buyer.token), most(100, 700)],
    ['/products', () => app.get('/products', { length: 1e9 }), most(100, 2224)],
    ['a page of /cart', () => app.get('/cart', { from: 0, length: 1e9 }, buyer.token), most(100, 2224)],
    ['/ledgers', () => app.get('/ledgers', { type: 0, length: 1e9 }, buyer.token), most(100, 300)],
    ['/payment_items', () => app.get('/payment_items'), most(100, 564)],
    ['linkv/apps', () => app.get('/api/v1/linkv/apps', { length: 1e9 }, root.token), most(100, 192)],
  ])('%s stays below its bound', async (_, list, bound) => {
    const reply = await list();
    expect(reply.status).toBe(200);
    expect(bytesOf(reply)).toBeLessThan(bound);
  });

  it('of recharge items ends at a hundred: one more is refused', async () => {
    const add = (): PromiseLike<Response> =>
      app.post('/api/v1/rechargeItem/add', { name: '充', money: 1, charge: 0, description: '' }, root.token);
    for (let index = 0; index < 100; index += 1) succeeded(await add());
    expect(refused(await add(), 409)).toBe('at most 100 recharge items');
    const { data } = (await app.get('/payment_items')).body as { data: { id: number }[] };
    expect(data).toHaveLength(100);
    succeeded(await app.post('/api/v1/rechargeItem/delete', { id: data[0].id }, root.token));
    succeeded(await add());
  });
});
