import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { model } from '../../ormconfig.js';
import { createDataSource } from '../../src/database/data-source.js';
import { succeeded } from '../support/api-v1.js';
import { TestApp, type TestUser } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Mall, type OrderJson } from '../support/mall.js';

const STATUSES = [1, 2, 3, 4, 5, 6] as const;
const MIGRATION = 'OrderStatusWords1796000000000';

interface Raw {
  readonly status: number | string;
  readonly f: number | string;
  readonly t: number | string;
}

const RAW = `SELECT o.status, h.from_status AS f, h.to_status AS t FROM orders o
   JOIN order_history h ON h.order_id = o.id ORDER BY h.id`;

/** As they stood when a status was a number: one order in each, with a line of history that leads from 1 to it. */
const ORDERS = STATUSES.map(
  (status) =>
    `INSERT INTO orders (id, checkout_id, buyer_id, merchant_id, status, status_since, goods, freight, discount, total, channel,
       first_title, first_product_id, recipient_name, recipient_phone, recipient_address, message, shop_message,
       tracking_numbers, hidden_from_buyer, created_at, paid_at, verified_at, closed_at, updated_at)
     VALUES (${status}, 7, :buyer, 99, ${status}, 5000, 100, 20, 0, 120, NULL, 'pork', 1, 'n', '1', 'a', 'm', '', '["T1"]', 0,
       5000, NULL, NULL, NULL, 5000)`,
);
const HISTORY = STATUSES.map(
  (status) =>
    `INSERT INTO order_history (order_id, from_status, to_status, actor_kind, actor_id, reason, created_at)
     VALUES (${status}, 1, ${status}, 'system', NULL, 'old', 5000)`,
);

describe('orders made when a status was a number', () => {
  let database: TestDatabase;
  let app: TestApp;
  let mall: Mall;
  let buyer: TestUser;
  let before: Raw[];

  /** A connection of its own while no server runs. */
  async function withDatabase<T>(work: (dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await createDataSource(app.config.database, model).initialize();
    try {
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  async function revert(dataSource: DataSource): Promise<void> {
    const ran = async () => dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
    while ((await ran()).some(({ name }) => name === MIGRATION)) await dataSource.undoLastMigration();
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await TestApp.start({ database });
    const { id } = await app.login('old-buyer');
    await app.stop();
    before = await withDatabase(async (dataSource) => {
      await revert(dataSource);
      for (const statement of ORDERS) await dataSource.query(statement.replace(':buyer', String(id)));
      for (const statement of HISTORY) await dataSource.query(statement);
      return dataSource.query<Raw[]>(RAW);
    });
    app = await TestApp.start({ database });
    mall = new Mall(app);
    buyer = await app.login('old-buyer');
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  it.each(STATUSES)('are read right in status %i, with their history', async (status) => {
    expect(before[status - 1]).toEqual({ status, f: 1, t: status });
    expect(await mall.orderInfo(buyer, status)).toMatchObject({
      order_id: status,
      now_status: status,
      total_price: 1.2,
      tracking_number: ['T1'],
    });
    expect(await mall.historyOf(status)).toEqual([`1>${status} system`]);
    const { orders } = succeeded(await app.get('/api/v1/order/userOrder', { status }, buyer.token));
    expect((orders as OrderJson[]).map((order) => order.order_id)).toEqual([status]);
  });

  it('go on from where they were', async () => {
    succeeded(await app.post('/api/v1/order/cancel', { order_id: 1 }, buyer.token));
    succeeded(await app.post('/api/v1/order/changeStatus', { order_id: 2, status: 3 }, buyer.token));
    expect((await mall.orderInfo(buyer, 1)).now_status).toBe(5);
    expect((await mall.orderInfo(buyer, 2)).now_status).toBe(3);
    expect(await mall.historyOf(2)).toEqual(['1>2 system', `2>3 buyer ${buyer.id}`]);
  });

  it('are numbers again after the way back, and ids go on counting', async () => {
    const [{ n: last }] = await app.rows<{ n: number }>('SELECT MAX(id) AS n FROM order_history');
    await app.stop();
    const after = await withDatabase(async (dataSource) => {
      await revert(dataSource);
      await dataSource.query(HISTORY[0]);
      return dataSource.query<Raw[]>(RAW);
    });
    app = await TestApp.start({ database });
    expect(after.map(({ status }) => status)).toEqual([5, 3, 3, 4, 5, 6, 5, 3, 5]);
    expect(after.slice(6)).toEqual([
      { status: 5, f: 1, t: 5 },
      { status: 3, f: 2, t: 3 },
      { status: 5, f: 1, t: 1 },
    ]);
    const [{ n }] = await app.rows<{ n: number }>('SELECT MAX(id) AS n FROM order_history');
    expect(n).toBe(last + 1);
  });
});
