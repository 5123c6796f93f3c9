import { jest, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { Database } from '../../src/database/database.js';
import { MAX_STATEMENTS } from '../../src/database/data-source.js';
import { mysqlExecute, mysqlPool, takeConnection } from '../../src/database/mysql.js';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestUser } from '../support/app.js';
import { TERMS } from '../support/mall.js';
import { preparedBy } from '../support/statements.js';
import { openTill } from '../support/till.js';

/** Products that are ordered together, and orders that are paid together, in every number up to it. */
const MOST_LINES = 40;

const { app, mall, till, buyer, merchant, second, root } = openTill();

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const post = (path: string, body: object, user: TestUser = buyer) => app.post(`/api/v1/${path}`, body, user.token);

async function each(counts: readonly number[], request: (count: number) => PromiseLike<unknown>): Promise<void> {
  for (const count of counts) await request(count);
}

describe('the texts that the database is given to prepare', () => {
  let products: number[];
  const orders: number[] = [];

  beforeAll(async () => {
    const stocked = (owner: TestUser) =>
      Promise.all(upTo(MOST_LINES / 2).map(() => mall.product(owner, { stock: 100_000, price: 0.01 })));
    products = [...(await stocked(merchant)), ...(await stocked(second))];
    await till.grant(buyer, 'CNY', 10_000_000);
  });

  /** Fills the cart behind the application's back. */
  async function cartOf(user: TestUser, count: number): Promise<number[]> {
    for (const id of products.slice(0, count)) {
      await app.tamper(
        'INSERT INTO cart_lines (user_id, product_id, count, created_at, updated_at) VALUES (?, ?, 1, 0, 0)',
        [user.id, id],
      );
    }
    return products.slice(0, count);
  }

  async function checkOut(count: number, user = buyer): Promise<number[]> {
    const product_ids = await cartOf(user, count);
    return succeeded(await post('order/generateOrder', { ...TERMS, product_ids }, user))['order_id'] as number[];
  }

  const ROUTES: Record<string, { readonly most: number; readonly run: () => PromiseLike<unknown> }> = {
    'cart/getCart of 1 to 500 products': {
      most: 14,
      run: () => each(upTo(500), async (count) => succeeded(await post('cart/getCart', { product_ids: upTo(count) }))),
    },
    'GET /cart of 1 to 40 lines': {
      most: 14,
      run: () =>
        each(upTo(MOST_LINES), async (count) => {
          const user = await app.login(`cart-of-${count}`);
          await cartOf(user, count);
          expect((await app.get('/cart', {}, user.token)).body.data).toHaveLength(count);
        }),
    },
    'order/generateOrder of 1 to 40 products': {
      most: 60,
      run: () => each(upTo(MOST_LINES), async (count) => orders.push(...(await checkOut(count)))),
    },
    'order/generateOrder of 1 to 20 buyers at once': {
      most: 60,
      run: async () => {
        const crowd = await Promise.all(upTo(20).map((serial) => app.login(`crowd-${serial}`)));
        await each(upTo(20), (count) => Promise.all(crowd.slice(0, count).map((user) => checkOut(3, user))));
      },
    },
    'order/userOrder of 1 to 60 orders': {
      most: 17,
      run: () =>
        each(upTo(60), async (length) => {
          const { orders: listed } = succeeded(await app.get('/api/v1/order/userOrder', { length }, buyer.token));
          expect(listed).toHaveLength(length);
        }),
    },
    'order/pay of 1 to 11 orders': {
      most: 75,
      run: () => each(upTo(11), async (count) => succeeded(await till.pay(buyer, orders.splice(0, count), 'balance'))),
    },
    'comment/add of 1 to 100 products': {
      most: 16,
      run: () =>
        each(upTo(100), async (count) => {
          const comments = upTo(count).map((serial) => ({ product_id: 900_000 + serial, comment: '好' }));
          refused(await post('comment/add', { comments }), 409);
        }),
    },
    'tabAdd of 1 to 1000 products': {
      most: 14,
      run: () =>
        each([...upTo(100), 300, 700, 1000], async (count) => {
          const body = { name: 'tab', products: upTo(count).map((serial) => 900_000 + serial) };
          refused(await post('product/tabAdd', body, root), 400);
        }),
    },
    'search for 1 to 60 characters': {
      most: 20,
      run: () =>
        each(upTo(60), async (count) => {
          const key = String.fromCodePoint(...upTo(count).map((serial) => 0x4e00 + 100 * count + serial));
          succeeded(await app.post('/api/v1/search', { key }));
        }),
    },
    'User/QueryUser of 1 to 100 users': {
      most: 14,
      run: () =>
        each(upTo(100), async (count) => {
          const uids = upTo(count).map((serial) => `nobody-${serial}`);
          expect((await app.post('/liveuser/User/QueryUser', { uids }, buyer.token)).status).toBe(200);
        }),
    },
  };

  it.each(Object.keys(ROUTES))('are few, whatever number a list has: %s', async (name) => {
    const { most, run } = ROUTES[name];
    const texts = await preparedBy(app, run);
    expect(texts.size).toBeLessThanOrEqual(most);
  });
});

describe('a connection', () => {
  it('keeps the statements that were used last, and closes the others at the server', async () => {
    const database = app.app.get(Database);
    const most = MAX_STATEMENTS;
    if (database.kind === 'mysql') {
      const connection = await takeConnection(mysqlPool(database.dataSource));
      const read = (sql: string) => mysqlExecute<{ Value: string }>(connection, sql, []);
      const count = async (name: string): Promise<number> =>
        Number((await read(`SHOW SESSION STATUS LIKE '${name}'`)).rows[0].Value);
      await each(upTo(2 * most), (serial) => read(`SELECT ${serial} AS n`));
      const open = (await count('Com_stmt_prepare')) - (await count('Com_stmt_close'));
      connection.release();
      expect(open).toBeGreaterThan(most / 2);
      expect(open).toBeLessThanOrEqual(most + 1);
      return;
    }
    const prepare = jest.spyOn(BetterSqlite3.prototype, 'prepare');
    const read = (serial: number) => database.read(`SELECT ${serial} AS n`);
    await each(upTo(2 * most), read);
    expect(prepare).toHaveBeenCalledTimes(2 * most);
    await each(
      upTo(most).map((serial) => most + serial),
      read,
    );
    expect(prepare).toHaveBeenCalledTimes(2 * most);
    await each(upTo(most), read);
    expect(prepare).toHaveBeenCalledTimes(3 * most);
    prepare.mockRestore();
  });

  it('keeps 200', () => expect(MAX_STATEMENTS).toBe(200));
});
