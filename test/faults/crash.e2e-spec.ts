import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '../../src/modules/orders/order-status.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { breakCommits } from '../support/broken-commits.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Mall } from '../support/mall.js';
import { startTestSimulator } from '../support/simulator.js';
import { AT_ONCE, castOf, Till, type Cast } from '../support/till.js';
import { numberOf } from '../support/order-status.js';

let database: TestDatabase;
let simulator: Simulator;
let dying: TestApp;
let mall: Mall;
let cast: Cast;

beforeEach(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator({ speed: 100_000 });
  dying = await start();
  mall = new Mall(dying);
  cast = await castOf(dying);
});

afterEach(async () => {
  await simulator.close();
  await database.drop();
});

const start = (): Promise<TestApp> => TestApp.start({ env: AT_ONCE, database, simulator });

async function place(price = 500): Promise<number> {
  const product = await mall.product(cast.merchant, { price: price / 100 });
  return (await mall.order(cast.buyer, [product], { transportation_price: 0 }))[0];
}

/** A second process on the same database takes over. */
async function revive(): Promise<{ app: TestApp; till: Till }> {
  await dying.stop();
  const app = await start();
  return { app, till: new Till(app, cast.root) };
}

async function finish(app: TestApp, till: Till): Promise<void> {
  await till.reconcile(2);
  await till.settle();
  await till.reconcile(2);
  await till.expectClean();
  await till.expectAgreement();
  await app.stop();
}

const statusOf = async (app: TestApp, order: number): Promise<number> =>
  numberOf((await app.rows<{ status: OrderStatus }>('SELECT status FROM orders WHERE id = ?', [order]))[0].status);

describe('an instance whose commits fail from one moment on, and the next one', () => {
  it("after WeChat's prepay answer: leave an attempt that a repeat goes on with", async () => {
    const order = await place();
    // The claim of the key and the attempt are committed, the result is not.
    breakCommits(dying, 2);
    const till = new Till(dying, cast.root);
    expect((await till.pay(cast.buyer, [order], 'wechat', 'k')).status).toBe(503);
    expect(simulator.control.calls('prepay_jsapi')).toHaveLength(1);
    const next = await revive();
    const fields = await next.till.prepay(cast.buyer, [order]);
    expect(simulator.control.books().trades).toHaveLength(1);
    next.till.confirm(fields);
    await next.till.reconcile();
    expect(await statusOf(next.app, order)).toBe(2);
    await finish(next.app, next.till);
  });

  it('before a notification is booked: answer it with no success, and book the payment once', async () => {
    const order = await place();
    const till = new Till(dying, cast.root);
    const fields = await till.prepay(cast.buyer, [order]);
    breakCommits(dying);
    till.confirm(fields);
    await till.settle();
    const { attempts } = simulator.control.notices()[0];
    expect(attempts.length).toBeGreaterThan(0);
    expect(attempts.every(({ status }) => status >= 500)).toBe(true);
    const next = await revive();
    expect(await statusOf(next.app, order)).toBe(1);
    await next.till.reconcile(2);
    expect(await statusOf(next.app, order)).toBe(2);
    await finish(next.app, next.till);
  });

  it("after WeChat's refund answer: refund once", async () => {
    const order = await place();
    const till = new Till(dying, cast.root);
    await till.payByWechat(cast.buyer, [order]);
    simulator.control.spoilNotices('any', { kind: 'lose' }, null);
    breakCommits(dying, 1);
    expect((await till.refund(cast.merchant, order, 3, 'r')).status).toBe(503);
    expect(simulator.control.books().refunds).toHaveLength(1);
    const next = await revive();
    const replay = await next.till.refund(cast.merchant, order, 3, 'r');
    expect(replay.headers['idempotency-replayed']).toBe('true');
    await next.till.settle();
    await next.till.reconcile(2);
    expect(simulator.control.books().refunds).toHaveLength(1);
    expect((await next.till.refund(cast.merchant, order, 3, 'r')).text).toContain('succeeded');
    await finish(next.app, next.till);
  });

  it('before WeChat heard of a committed refund: ask for it once more', async () => {
    const order = await place();
    const till = new Till(dying, cast.root);
    await till.payByWechat(cast.buyer, [order]);
    simulator.control.failNext('refund', { kind: 'drop_before' });
    breakCommits(dying, 1);
    expect((await till.refund(cast.merchant, order)).status).toBe(503);
    expect(simulator.control.books().refunds).toHaveLength(0);
    const next = await revive();
    await next.till.reconcile();
    await next.till.settle();
    await next.till.reconcile();
    expect(await statusOf(next.app, order)).toBe(6);
    await finish(next.app, next.till);
  });

  it('in a wallet payment: leave nothing half done', async () => {
    const order = await place();
    const till = new Till(dying, cast.root);
    await till.grant(cast.buyer, 'CNY', 5);
    breakCommits(dying);
    expect((await till.pay(cast.buyer, [order], 'balance', 'w')).status).toBe(503);
    const next = await revive();
    expect(await next.till.wallet(cast.buyer)).toEqual({ balance: 5, coupon: 0 });
    succeeded(await next.till.pay(cast.buyer, [order], 'balance', 'w'));
    expect(await next.till.wallet(cast.buyer)).toEqual({ balance: 0, coupon: 0 });
    await finish(next.app, next.till);
  });
});

describe('two instances', () => {
  it('have one effect for notifications and rounds that reach both at once', async () => {
    // SQLite is for one process: two of them on one file only show that the second waits.
    const other = await start();
    const till = new Till(dying, cast.root);
    const orders: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const order = await place(100 + count);
      simulator.control.spoilNotices('transaction', { kind: 'lose' });
      const outTradeNo = till.confirm(await till.prepay(cast.buyer, [order]));
      orders.push(order);
      const urls = [dying.url, other.url].map((url) => `${url}/api/v1/payment/notify`);
      const sendings = Array.from({ length: 10 }, (_, index) =>
        simulator.control.sendNotice({ outTradeNo, url: urls[index % 2] }),
      );
      await Promise.all([...sendings, till.reconcile(1), till.reconcile(1, other)]);
    }
    await till.reconcile(1);
    for (const order of orders) expect(await statusOf(other, order)).toBe(2);
    const rows = await other.rows<{ id: number }>("SELECT id FROM ledger_transactions WHERE kind = 'order_payment'");
    expect(rows).toHaveLength(orders.length);
    await other.stop();
    await finish(dying, till);
  });
});
