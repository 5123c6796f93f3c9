import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import { DomainError } from '../../src/common/domain-error.js';
import { Transactions } from '../../src/database/transactions.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { AT_ONCE, setStage, Till, type Stage } from '../support/till.js';

let database: TestDatabase;
let simulator: Simulator;
let dying: TestApp;
let stage: Stage;

beforeEach(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ port: 0, speed: 100_000 });
  dying = await start();
  stage = await setStage(dying);
});

afterEach(async () => {
  await simulator.close();
  await database.drop();
});

const start = (): Promise<TestApp> => TestApp.start({ env: AT_ONCE, database, simulator });

/** From now on the instance commits nothing more, as if it were killed; returns what undoes it. */
function kill(app: TestApp, after = 0): void {
  const transactions = app.app.get(Transactions);
  const real = transactions.run.bind(transactions);
  let left = after;
  transactions.run = async (work) => {
    if (left <= 0) throw new DomainError('unavailable', 'killed');
    left -= 1;
    return real(work);
  };
}

async function place(price = 500): Promise<number> {
  const product = await stage.mall.product(stage.merchant, { price: fen(price) });
  return (await stage.mall.order(stage.buyer, [product], { transportation_price: 0 }))[0];
}

/** A second process on the same database takes over. */
async function revive(): Promise<{ app: TestApp; till: Till }> {
  await dying.stop();
  const app = await start();
  return { app, till: new Till(app, stage.root) };
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
  Number((await app.rows<{ status: number }>('SELECT status FROM orders WHERE id = ?', [order]))[0].status);

describe('a process killed', () => {
  it("between WeChat's prepay answer and our commit leaves an attempt that a repeat goes on with", async () => {
    const order = await place();
    // The claim of the key and the attempt are committed, the result is not.
    kill(dying, 2);
    const till = new Till(dying, stage.root);
    expect((await till.pay(stage.buyer, [order], 'wechat', 'k')).status).toBe(503);
    expect(simulator.control.calls('prepay_jsapi')).toHaveLength(1);
    const next = await revive();
    const fields = await next.till.prepay(stage.buyer, [order]);
    expect(simulator.control.books().trades).toHaveLength(1);
    next.till.confirm(fields);
    await next.till.reconcile();
    expect(await statusOf(next.app, order)).toBe(2);
    await finish(next.app, next.till);
  });

  it('between a notification and its commit answers no success, and the payment is booked once by the next', async () => {
    const order = await place();
    const till = new Till(dying, stage.root);
    const fields = await till.prepay(stage.buyer, [order]);
    kill(dying);
    till.confirm(fields);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(simulator.control.notices()[0].attempts.every(({ status }) => status >= 500)).toBe(true);
    const next = await revive();
    expect(await statusOf(next.app, order)).toBe(1);
    await next.till.reconcile(2);
    expect(await statusOf(next.app, order)).toBe(2);
    await finish(next.app, next.till);
  });

  it("between WeChat's refund answer and our commit refunds once", async () => {
    const order = await place();
    const till = new Till(dying, stage.root);
    await till.payByWechat(stage.buyer, [order]);
    simulator.control.spoilNotices('any', { kind: 'lose' }, null);
    kill(dying, 1);
    expect((await till.refund(stage.merchant, order, 3, 'r')).status).toBe(503);
    expect(simulator.control.books().refunds).toHaveLength(1);
    const next = await revive();
    const replay = await next.till.refund(stage.merchant, order, 3, 'r');
    expect(replay.headers['idempotency-replayed']).toBe('true');
    await next.till.settle();
    await next.till.reconcile(2);
    expect(simulator.control.books().refunds).toHaveLength(1);
    expect((await next.till.refund(stage.merchant, order, 3, 'r')).text).toContain('succeeded');
    await finish(next.app, next.till);
  });

  it('before WeChat heard of a committed refund has it asked for by the next', async () => {
    const order = await place();
    const till = new Till(dying, stage.root);
    await till.payByWechat(stage.buyer, [order]);
    simulator.control.failNext('refund', { kind: 'drop_before' });
    kill(dying, 1);
    expect((await till.refund(stage.merchant, order)).status).toBe(503);
    expect(simulator.control.books().refunds).toHaveLength(0);
    const next = await revive();
    await next.till.reconcile();
    await next.till.settle();
    await next.till.reconcile();
    expect(await statusOf(next.app, order)).toBe(6);
    await finish(next.app, next.till);
  });

  it('while a wallet payment runs leaves nothing half done', async () => {
    const order = await place();
    const till = new Till(dying, stage.root);
    await till.grant(stage.buyer, 'CNY', 5);
    kill(dying);
    expect((await till.pay(stage.buyer, [order], 'balance', 'w')).status).toBe(503);
    const next = await revive();
    expect(await next.till.wallet(stage.buyer)).toEqual({ balance: 5, coupon: 0 });
    succeeded(await next.till.pay(stage.buyer, [order], 'balance', 'w'));
    expect(await next.till.wallet(stage.buyer)).toEqual({ balance: 0, coupon: 0 });
    await finish(next.app, next.till);
  });
});

describe('two instances', () => {
  it('have one effect for notifications and rounds that reach both at once', async () => {
    // SQLite is for one process: two of them on one file only show that the second waits.
    const other = await start();
    const till = new Till(dying, stage.root);
    const orders: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const order = await place(100 + count);
      simulator.control.spoilNotices('transaction', { kind: 'lose' });
      const outTradeNo = till.confirm(await till.prepay(stage.buyer, [order]));
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
