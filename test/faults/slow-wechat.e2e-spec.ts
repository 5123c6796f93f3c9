import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response, Test } from 'supertest';
import type { TestUser } from '../support/app.js';
import { openTill } from '../support/till.js';

/** Of WeChat's answers (milliseconds): long enough for a crowd to meet, far from the time-out of a call. */
const SLOW = 1200;
const CROWD = 150;
const OTHERS = 12;

const env = { RATE_LIMIT: 'on', TRUSTED_PROXIES: 'loopback' };
const { app, mall, till, buyer, merchant } = openTill({ env, wechat: { speed: 100_000 } });
const others: TestUser[] = [];
let address = 0;

/** From another address each time: what is counted here are users. */
const from = (test: Test): Test => test.set('X-Forwarded-For', `203.0.113.${(address += 1) % 250}`);
const crowd = (call: () => Test): Promise<Response[]> =>
  Promise.all(Array.from({ length: CROWD }, () => from(call()).then((reply) => reply)));

async function place(user: TestUser): Promise<number[]> {
  return mall.order(user, [await mall.product(merchant, { price: 5 })], { transportation_price: 0 });
}

beforeAll(async () => {
  for (let index = 0; index < OTHERS; index += 1) others.push(await app.login(`other-${index}`));
  // The access token that all phone numbers need is fetched.
  await app.post('/api/v1/user/bindPhone', { code: 'phone-13866654320' }, others[0].token).expect(200);
});
afterEach(() => app.simulator.control.clearFaults());

/** What everybody else does meanwhile: log in, and pay. */
async function expectOthersServed(orders: readonly number[][]): Promise<void> {
  const logins = others.map((_, index) =>
    from(app.get('/api/v1/user/code', { code: `demo-late-${address}-${index}` })),
  );
  const prepays = others.map(({ token }, index) =>
    from(app.post('/api/v1/order/pay', { order_ids: orders[index], channel: 'wechat' }, token)),
  );
  const replies = await Promise.all([...logins, ...prepays]);
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
}

const slowDown = (): void => app.simulator.control.failNext('any', { kind: 'delay', ms: SLOW }, null);
const countOf = (replies: readonly Response[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

describe('a slow WeChat, and one buyer who asks a lot of it', () => {
  it('leaves log-ins and payments of others alone while he binds his phone 150 times at once', async () => {
    const orders = await Promise.all(others.map(place));
    slowDown();
    const before = app.simulator.control.calls('phone').length;
    const binding = crowd(() => app.post('/api/v1/user/bindPhone', { code: 'phone-13866654321' }, buyer.token));
    await pause(100);
    await expectOthersServed(orders);
    const replies = await binding;
    expect(countOf(replies, 429)).toBeGreaterThan(CROWD / 2);
    expect(app.simulator.control.calls('phone').length - before).toBeLessThan(32);
  });

  it('leaves them alone while he asks for one pending payment 150 times at once, and is asked for it one at a time', async () => {
    const orders = await Promise.all(others.map(place));
    const { payment_id: id } = await till.prepay(buyer, await place(buyer));
    slowDown();
    const before = app.simulator.control.calls('query').length;
    const asking = crowd(() => app.get('/api/v1/order/payment', { payment_id: id }, buyer.token));
    await pause(100);
    await expectOthersServed(orders);
    const replies = await asking;
    expect(countOf(replies, 200)).toBe(CROWD);
    for (const { body } of replies) expect(body.data).toMatchObject({ payment_id: id, status: 'pending' });
    expect(app.simulator.control.calls('query').length - before).toBeLessThanOrEqual(4);
  });

  it('leaves them alone while he starts the payments of 45 orders at once', async () => {
    const orders = await Promise.all(others.map(place));
    const own: number[][] = [];
    for (let count = 0; count < 45; count += 1) own.push(await place(buyer));
    slowDown();
    const before = app.simulator.control.calls('prepay_jsapi').length;
    const starting = own.map((order_ids) =>
      from(app.post('/api/v1/order/pay', { order_ids, channel: 'wechat' }, buyer.token)).then((reply) => reply),
    );
    await pause(100);
    await expectOthersServed(orders);
    const replies = await Promise.all(starting);
    expect(countOf(replies, 200)).toBe(8);
    expect(countOf(replies, 503)).toBe(37);
    expect(app.simulator.control.calls('prepay_jsapi').length - before).toBe(8 + OTHERS);
  });
});
