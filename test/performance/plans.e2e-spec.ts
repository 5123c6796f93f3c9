import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Filler } from '../../scripts/bench/growth/filler.js';
import { FAMOUS_PRODUCT, fillMall, type MallPeople, type MallSize } from '../../scripts/bench/growth/mall.js';
import { Database } from '../../src/database/database.js';
import { IdempotencyKey } from '../../src/database/idempotency.entity.js';
import { Address } from '../../src/modules/addresses/address.entity.js';
import { LoginSession } from '../../src/modules/auth/sessions/login-session.entity.js';
import { RefreshToken } from '../../src/modules/auth/sessions/refresh-token.entity.js';
import { CartLine } from '../../src/modules/cart/cart-line.entity.js';
import { GoldLot } from '../../src/modules/linkv/gold-lot.entity.js';
import { LinkvOperation } from '../../src/modules/linkv/linkv-operation.entity.js';
import { LinkvUser } from '../../src/modules/linkv/linkv-user.entity.js';
import { OrderHistory } from '../../src/modules/orders/order-history.entity.js';
import { PaymentOrder } from '../../src/modules/payments/records/payment-order.entity.js';
import { Payment } from '../../src/modules/payments/records/payment.entity.js';
import { Recharge } from '../../src/modules/payments/records/recharge.entity.js';
import { Refund } from '../../src/modules/payments/records/refund.entity.js';
import { WechatIdentity } from '../../src/modules/users/user.entity.js';
import { succeeded } from '../support/api-v1.js';
import { TERMS } from '../support/mall.js';
import { accepted, partnerOf } from '../support/open.js';
import { faultsOf, growingTables } from '../support/plans.js';
import { describeMall } from '../support/stage.js';
import { sentBy, type Sent } from '../support/statements.js';
import { Till } from '../support/till.js';
import { WEB_ENV } from '../support/web.js';

/** Few rows for a mall, enough for an optimizer to take a wrong index: what is large is old. */
const SIZE: MallSize = {
  products: 8000,
  orders: 24_000,
  comments: 8000,
  entries: 12_000,
  ownProducts: 1500,
  shopOrders: 6000,
  buyerOrders: 2000,
  productComments: 1500,
  walletEntries: 4000,
};
const ROWS = 5000;

const OTHERS: readonly (readonly [new () => object, Readonly<Record<string, string>>])[] = [
  [IdempotencyKey, {}],
  [Address, {}],
  [LoginSession, {}],
  [RefreshToken, {}],
  [CartLine, { count: '1' }],
  [OrderHistory, {}],
  [Payment, { kind: "'order'", channel: "'wechat'", status: "'captured'" }],
  [PaymentOrder, {}],
  [Refund, { origin: "'request'", status: "'succeeded'" }],
  [Recharge, {}],
  [LinkvUser, {}],
  [LinkvOperation, {}],
  [GoldLot, {}],
  [WechatIdentity, {}],
];

async function fill(dataSource: DataSource, people: MallPeople): Promise<void> {
  await fillMall(dataSource, SIZE, people);
  const filler = new Filler(dataSource);
  for (const [entity, columns] of OTHERS) await filler.rows(entity, 10_000, 10_000 + ROWS, columns);
  await filler.analyze();
}

describeMall('the plan of every statement of a growing table', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const [merchant, buyer, root] = [loggedIn('merchant', 3), loggedIn('buyer'), loggedIn('root', 7)];
  const till = new Till(app, root);
  const partner = partnerOf(app);
  const all: Sent[] = [];

  beforeAll(async () => {
    await fill(app.app.get(Database).writer, { merchant: merchant.id, buyer: buyer.id });
    await till.grant(buyer, 'CNY', 1000);
  });

  const get = (path: string, query: object = {}, user = buyer) => app.get(path, query, user.token);
  const post = (path: string, body: object = {}, user = buyer) => app.post(path, body, user.token);
  const ok = async (reply: PromiseLike<{ status: number; text: string }>): Promise<void> => {
    const { status, text } = await reply;
    if (status !== 200) throw new Error(text);
  };

  /** Sends it, and looks at the plan of each statement. */
  async function expectFitting(action: () => PromiseLike<unknown>): Promise<void> {
    const sent = await sentBy(app, action);
    expect(sent.length).toBeGreaterThan(0);
    all.push(...sent);
    const faults = await Promise.all(
      sent.map(async (each) => (await faultsOf(app, each)).map((fault) => [fault, each.sql])),
    );
    expect(faults.flat()).toEqual([]);
  }

  const READS: Record<string, () => PromiseLike<unknown>> = {
    'order/userOrder': () => ok(get('/api/v1/order/userOrder')),
    'order/userOrder of a status': () => ok(get('/api/v1/order/userOrder', { status: 1, from: 100 })),
    'order/shopOrder': () => ok(get('/api/v1/order/shopOrder', {}, merchant)),
    'order/shopOrder of a status': () => ok(get('/api/v1/order/shopOrder', { status: 4, from: 3000 }, merchant)),
    'order/shopOrder, a deep page': () => ok(get('/api/v1/order/shopOrder', { from: 5000, length: 100 }, merchant)),
    'order/orderInfo': () => ok(get('/api/v1/order/orderInfo', { order_id: 7 })),
    'Order/List': () => ok(post('/liveuser/Order/List')),
    'Order/List, a later page': () => ok(post('/liveuser/Order/List', { cursor: 1500 })),
    'cart/userProducts': () => ok(get('/api/v1/cart/userProducts')),
    'cart/getCart': () => ok(post('/api/v1/cart/getCart', { product_ids: [1, 2, 3] })),
    '/cart': () => ok(get('/cart')),
    'product/homeTab': () => ok(get('/api/v1/product/homeTab')),
    'product/homeTab, a page': () => ok(get('/api/v1/product/homeTab', { from: 5000 })),
    'shop/ownerProducts': () => ok(get('/api/v1/shop/ownerProducts', { from: 900 }, merchant)),
    'shop/product': () => ok(get('/api/v1/shop/product', { id: 77 })),
    '/products': () => ok(get('/products', { from: 5000 })),
    '/products of a shop': () => ok(get('/products', { shop_id: merchant.id })),
    'search, a character': () => ok(post('/api/v1/search', { key: '鸡' })),
    'search, a pair': () => ok(post('/api/v1/search', { key: '新鲜', from: 1000 })),
    'search, common pairs and one that no title has': () => ok(post('/api/v1/search', { key: '冷冻鸡小排稀' })),
    'comment/product': () => ok(get('/api/v1/comment/product', { product_id: FAMOUS_PRODUCT })),
    wallet: () => ok(get('/api/v1/wallet')),
    'wallet/statement': () => ok(get('/api/v1/wallet/statement', { from: 2000 })),
    'shop/statement': () => ok(get('/api/v1/shop/statement', {}, merchant)),
    '/ledgers': () => ok(get('/ledgers', { type: 0 })),
    'user/profile': () => ok(get('/api/v1/user/profile')),
    'user/code': () => app.login('buyer'),
    'address/address': () => ok(get('/api/v1/address/address')),
  };

  it.each(Object.keys(READS))('fits: %s', async (name) => {
    await expectFitting(READS[name]);
  });

  it('fits: filling a cart, checking out, paying from the balance, confirming, reviewing', async () => {
    await expectFitting(async () => {
      const [product, other] = [await mall.product(merchant), await mall.product(root)];
      await ok(post('/api/v1/cart/addProduct', { productId: product }));
      const orders = await mall.order(buyer, [product, other]);
      const paid = succeeded(await till.pay(buyer, orders, 'balance'));
      await till.payment(buyer, paid['payment_id']);
      await ok(post('/api/v1/order/changeStatus', { order_id: orders[0], status: 3 }));
      await ok(post('/api/v1/comment/add', { comments: [{ product_id: product, comment: '香' }] }));
      await ok(till.refund(merchant, orders[0]));
    });
  });

  it('fits: paying by WeChat, cancelling and refunding', async () => {
    await expectFitting(async () => {
      const product = await mall.product(merchant);
      const [paid] = await mall.order(buyer, [product]);
      await till.payByWechat(buyer, [paid]);
      await ok(till.refund(merchant, paid));
      const [left] = await mall.order(buyer, [product]);
      await ok(post('/api/v1/order/cancel', { order_id: left }));
      await till.settle();
    });
  });

  it('fits: an order of so many pieces that those unpaid are counted', async () => {
    const product = await mall.product(merchant, { stock: 2000 });
    await mall.fillCart(buyer, product, 1500);
    const before = all.length;
    await expectFitting(() => ok(post('/api/v1/order/generateOrder', { ...TERMS, product_ids: [product] })));
    expect(all.slice(before).map(({ sql }) => sql)).toContainEqual(expect.stringContaining('SUM(i.count)'));
  });

  it('fits: coins of a LinkV user', async () => {
    await expectFitting(async () => {
      const uid = await partner.openId();
      accepted(await partner.changeGold(uid, 1, 500));
      accepted(await partner.changeGold(uid, 2, 200));
      await partner.tokens(uid);
    });
  });

  it('fits as well where nobody has ever counted the rows, as on most SQLite files', async () => {
    if (app.database.kind !== 'sqlite') return;
    await app.tamper('DROP TABLE sqlite_stat1');
    for (const each of all) expect([await faultsOf(app, each), each.sql]).toEqual([[], each.sql]);
  });

  it('was looked at for every growing table', () => {
    const seen = new Set(all.flatMap(({ sql }) => [...growingTables(sql).values()]));
    const growing = [
      'addresses',
      'cart_lines',
      'comments',
      'gold_lots',
      'ledger_accounts',
      'ledger_entries',
      'ledger_transactions',
      'linkv_users',
      'login_sessions',
      'order_items',
      'orders',
      'payment_orders',
      'payments',
      'product_grams',
      'product_snapshots',
      'products',
      'refunds',
      'users',
      'wechat_identities',
    ];
    expect(growing.filter((table) => !seen.has(table))).toEqual([]);
  });

  describe('a planted statement', () => {
    const walk = () => (app.database.kind === 'mysql' ? 'FORCE INDEX (PRIMARY)' : 'NOT INDEXED');
    const WRONG: Record<string, () => string> = {
      'that no index helps': () => 'SELECT id FROM orders WHERE recipient_phone = ?',
      'that walks the primary key backwards': () =>
        `SELECT id FROM orders ${walk()} WHERE merchant_id = ? ORDER BY id DESC LIMIT 10`,
      'that sorts all rows of a shop for one page': () =>
        'SELECT id FROM orders WHERE merchant_id = ? ORDER BY status_since DESC LIMIT 10',
      'that joins by no index': () =>
        'SELECT i.id FROM orders o JOIN order_items i ON i.product_id = o.first_product_id WHERE o.id = ?',
      'that changes by no index': () => 'UPDATE comments SET text = text WHERE user_id = ?',
    };

    it('that leaves the newest of a shop to what MySQL believes is found out there, and is fine on SQLite', async () => {
      const newest = 'SELECT id FROM orders WHERE merchant_id = ? ORDER BY id DESC LIMIT 10';
      const faults = await faultsOf(app, { sql: newest, params: [merchant.id] });
      expect(faults).toHaveLength(app.database.kind === 'mysql' ? 1 : 0);
      const ofWallet = 'account_id = (SELECT id FROM ledger_accounts WHERE address = ?)';
      const statement = `SELECT e.id FROM ledger_entries e WHERE ${ofWallet} ORDER BY e.id DESC LIMIT 10`;
      expect(await faultsOf(app, { sql: statement, params: ['x'] })).toHaveLength(faults.length);
    });

    it.each(Object.keys(WRONG))('%s is found out', async (name) => {
      expect(await faultsOf(app, { sql: WRONG[name](), params: [merchant.id] })).not.toEqual([]);
    });
  });
});
