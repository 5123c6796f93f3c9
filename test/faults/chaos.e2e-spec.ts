import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '../../src/modules/orders/order-status.js';
import type { CallFault } from '../../src/simulator/faults.js';
import type { NoticeFault } from '../../src/simulator/notifier.js';
import type { RouteName } from '../../src/simulator/routes.js';
import { type TestUser } from '../support/app.js';
import { numberOf } from '../support/order-status.js';
import { AT_ONCE, openTill } from '../support/till.js';

const ROUTES: RouteName[] = ['prepay_jsapi', 'query', 'close', 'refund', 'query_refund'];
const CALL_FAULTS: CallFault[] = [
  { kind: 'drop_before' },
  { kind: 'drop_after' },
  { kind: 'unsigned' },
  { kind: 'wrong_key' },
  { kind: 'truncated' },
  { kind: 'error', status: 500 },
  { kind: 'error', status: 500, after: true },
  { kind: 'error', status: 429 },
];
const NOTICE_FAULTS: NoticeFault[] = [
  { kind: 'lose' },
  { kind: 'reorder' },
  { kind: 'duplicate', count: 5 },
  { kind: 'delay', ms: 30 },
  { kind: 'mutate', mutation: 'amount' },
  { kind: 'mutate', mutation: 'wrong_key' },
];
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_121);

/** The same numbers for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const { app, mall, till, merchant } = openTill({ env: AT_ONCE, wechat: { speed: 100_000 } });

async function place(user: TestUser, price: number): Promise<number> {
  const product = await mall.product(merchant, { price: price / 100 });
  return (await mall.order(user, [product], { transportation_price: 0 }))[0];
}

/** One buyer's day: orders, pays, perhaps twice, perhaps cancels, perhaps is refunded; anything may be refused or unknown. */
async function day(user: TestUser, roll: (below: number) => number): Promise<void> {
  const order = await place(user, 100 + roll(900));
  let fields: Record<string, unknown> | null = null;
  for (let step = 0; step < 9; step += 1) {
    const action = roll(10);
    if (action <= 3) {
      const reply = await till.pay(user, [order], 'wechat');
      expect([200, 409, 503]).toContain(reply.status);
      if (reply.status === 200) fields = (reply.body as { data: Record<string, unknown> }).data;
    } else if (action <= 6 && fields) app.simulator.control.pay({ fields, force: roll(4) === 0 });
    else if (action === 9) {
      const reply = await app.post('/api/v1/order/cancel', { order_id: order }, user.token);
      expect([200, 409]).toContain(reply.status);
    } else {
      const reply = await till.refund(merchant, order, roll(2) === 0 ? 0.5 : undefined);
      expect([200, 409]).toContain(reply.status);
    }
  }
}

describe('under random faults in calls and notifications', () => {
  it(`nothing is lost and nothing doubled (seed ${SEED})`, async () => {
    const roll = dice(SEED);
    const users: TestUser[] = [];
    for (let index = 0; index < 8; index += 1) users.push(await app.login(`chaos${index}`));
    for (let round = 0; round < 5; round += 1) {
      for (let count = 0; count < 14; count += 1) {
        app.simulator.control.failNext(ROUTES[roll(ROUTES.length)], CALL_FAULTS[roll(CALL_FAULTS.length)]);
        app.simulator.control.spoilNotices('any', NOTICE_FAULTS[roll(NOTICE_FAULTS.length)]);
      }
      await Promise.all([
        ...users.map((user, index) => day(user, dice(SEED + round * 100 + index))),
        till.reconcile(3),
      ]);
    }
    app.simulator.control.clearFaults();
    app.simulator.control.releaseNotices();
    await till.settle();
    for (let round = 0; round < 3; round += 1) {
      await till.reconcile(2);
      await till.settle();
    }
    await till.expectClean();
    await till.expectAgreement();
    await expectOrdersAgree();
  });
});

/** A paid order has one applied share that is not wholly refunded; a refunded one has one that is; others have none. */
async function expectOrdersAgree(): Promise<void> {
  const rows = await app.rows<{ id: number; status: OrderStatus; applied: number; kept: number }>(
    `SELECT o.id, o.status, COUNT(s.order_id) AS applied, COALESCE(SUM(s.amount - s.refunded), 0) AS kept
     FROM orders o LEFT JOIN payment_orders s ON s.order_id = o.id AND s.applied = 1 GROUP BY o.id, o.status`,
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const { id, status, applied, kept } of rows) {
    const expected = { 1: [0, false], 2: [1, true], 5: [0, false], 6: [1, false] }[numberOf(status)];
    expect({ id, status, shares: [Number(applied), Number(kept) > 0] }).toEqual({ id, status, shares: expected });
  }
  const stray = await app.rows<{ id: number }>(
    `SELECT s.order_id AS id FROM payment_orders s JOIN payments p ON p.id = s.payment_id
     WHERE p.status = 'captured' AND s.applied = 0 AND s.refunded <> s.amount`,
  );
  expect(stray).toEqual([]);
}
