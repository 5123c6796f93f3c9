import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/free-port.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { succeeded } from '../support/api-v1.js';
import { TEST_ENV, TestApp } from '../support/app.js';
import { BuiltServer } from '../support/built-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freeze, type Frozen } from '../support/frozen.js';
import { Mall } from '../support/mall.js';
import { runFolder } from '../support/run.js';
import { startTestSimulator } from '../support/simulator.js';
import { AT_ONCE, castOf, Till, type Cast } from '../support/till.js';
import { until } from '../support/until.js';

/** Long enough to freeze the database while WeChat thinks (milliseconds). */
const THINKING = 400;

/*
 * The built server is killed with SIGKILL while its database can commit nothing more, and started again on the same database
 * and port. A server in this process, whose jobs rest, sets the stage before and reads the books after.
 */
describe('the built server, killed with SIGKILL', () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let folder: string;
  let port: string;
  let home: TestApp;
  let mall: Mall;
  let cast: Cast;
  let order: number;
  let server: BuiltServer;
  let till: Till;

  beforeEach(async () => {
    database = await createTestDatabase();
    simulator = await startTestSimulator({ speed: 100_000 });
    home = await TestApp.start({ env: AT_ONCE, database, simulator });
    mall = new Mall(home);
    cast = await castOf(home);
    const product = await mall.product(cast.merchant, { price: 5 });
    [order] = await mall.order(cast.buyer, [product], { transportation_price: 0 });
    port = String(await freePort());
    folder = mkdtempSync(join(runFolder(), 'kill-'));
    mkdirSync(join(folder, 'data/simulator'), { recursive: true });
    writeFileSync(join(folder, 'data/simulator/keys.json'), JSON.stringify(simulator.keys));
    await start();
  });
  afterEach(async () => {
    await server.end();
    await home.stop();
    await simulator.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    const own = { DATABASE_URL: database.url, SIMULATOR_PORT: String(simulator.port), PORT: port };
    server = await BuiltServer.start(folder, { ...TEST_ENV, ...AT_ONCE, ...own, ...env });
    till = new Till(home, cast.root, server);
  }

  /** Kills the server; what it had begun is undone. */
  async function kill(frozen: Frozen): Promise<void> {
    await server.end('SIGKILL');
    await frozen.thaw();
  }

  /** Starts it again, now with jobs that run all the time. */
  const startAgain = () => start({ JOBS_TICK: '0.1', JOB_LEASE: '0.5' });

  const statusOf = async () => (await mall.orderInfo(cast.buyer, order)).now_status;
  const becomes = (status: number) =>
    until(`the order has status ${status}`, async () => (await statusOf()) === status);
  const calls = (route: 'prepay_jsapi' | 'refund') => simulator.control.calls(route);

  /** From the moment at which `work` has committed its intention, and while WeChat thinks, nothing more is committed. */
  async function freezeAfter(table: 'payments' | 'refunds', work: PromiseLike<unknown>): Promise<Frozen> {
    cut.push(Promise.resolve(work).catch(() => undefined));
    await until(`a row of ${table} is committed`, async () => (await home.rows(`SELECT id FROM ${table}`)).length > 0);
    return freeze(database);
  }
  /** Requests that a killed server does not answer. */
  const cut: Promise<unknown>[] = [];
  afterEach(() => Promise.all(cut.splice(0)));

  async function expectSettled(): Promise<void> {
    await till.settle();
    await till.expectClean();
    await till.expectAgreement();
  }

  it("between WeChat's prepay answer and the commit leaves an attempt that a repeat goes on with", async () => {
    simulator.control.failNext('prepay_jsapi', { kind: 'delay', ms: THINKING });
    const frozen = await freezeAfter('payments', till.pay(cast.buyer, [order], 'wechat', 'k'));
    await until('WeChat has answered', () => calls('prepay_jsapi').length === 1);
    await kill(frozen);
    await startAgain();
    const fields = await till.prepay(cast.buyer, [order]);
    expect(simulator.control.books().trades).toHaveLength(1);
    simulator.control.spoilNotices('any', { kind: 'lose' }, null);
    till.confirm(fields);
    await becomes(2);
    await expectSettled();
  });

  it('between a notification and its commit answers no success, and the payment is booked once by the next', async () => {
    const fields = await till.prepay(cast.buyer, [order]);
    const frozen = await freeze(database);
    till.confirm(fields);
    await until('the notification is being worked on', () => frozen.isAwaited());
    await server.get('/health/live');
    await kill(frozen);
    await until('WeChat has given up', () => simulator.control.idle(1));
    const attempts = simulator.control.notices().flatMap((notice) => notice.attempts);
    expect(attempts.length).toBeGreaterThan(0);
    expect(attempts.filter(({ status }) => status !== 0 && status < 500)).toEqual([]);
    expect(await statusOf()).toBe(1);
    await startAgain();
    await becomes(2);
    await expectSettled();
    const bookings = await home.rows("SELECT id FROM ledger_transactions WHERE kind = 'order_payment'");
    expect(bookings).toHaveLength(1);
  });

  it("between WeChat's refund answer and the commit refunds once", async () => {
    await till.payByWechat(cast.buyer, [order]);
    await becomes(2);
    simulator.control.spoilNotices('any', { kind: 'lose' }, null);
    simulator.control.failNext('refund', { kind: 'delay', ms: THINKING });
    const frozen = await freezeAfter('refunds', till.refund(cast.merchant, order, 3, 'r'));
    await until('WeChat has answered', () => calls('refund').length === 1);
    await kill(frozen);
    await startAgain();
    expect(simulator.control.books().refunds).toHaveLength(1);
    const replay = await till.refund(cast.merchant, order, 3, 'r');
    expect(replay.headers['idempotency-replayed']).toBe('true');
    await until('the refund has succeeded', async () =>
      (await till.refund(cast.merchant, order, 3, 'r')).text.includes('succeeded'),
    );
    expect(simulator.control.books().refunds).toHaveLength(1);
    await expectSettled();
  });

  it('before WeChat heard of a committed refund has it asked for by the next', async () => {
    await till.payByWechat(cast.buyer, [order]);
    await becomes(2);
    simulator.control.failNext('refund', { kind: 'drop_before' });
    const frozen = await freezeAfter('refunds', till.refund(cast.merchant, order));
    await until('the call is lost', () => calls('refund').length === 1);
    await kill(frozen);
    expect(simulator.control.books().refunds).toHaveLength(0);
    await startAgain();
    await becomes(6);
    await expectSettled();
  });

  it('in the middle of a wallet payment leaves nothing half done', async () => {
    await till.grant(cast.buyer, 'CNY', 5);
    const frozen = await freeze(database, ['ledger_entries']);
    cut.push(Promise.resolve(till.pay(cast.buyer, [order], 'balance', 'w')).catch(() => undefined));
    await until('the payment is half done', () => frozen.isAwaited());
    await server.get('/health/live');
    await kill(frozen);
    expect(await statusOf()).toBe(1);
    await startAgain();
    expect(await till.wallet(cast.buyer)).toEqual({ balance: 5, coupon: 0 });
    succeeded(await till.pay(cast.buyer, [order], 'balance', 'w'));
    expect(await till.wallet(cast.buyer)).toEqual({ balance: 0, coupon: 0 });
    expect(await statusOf()).toBe(2);
    await expectSettled();
  });
});
