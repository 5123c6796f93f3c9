import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import { RefundBooking } from '../../src/modules/payments/records/refund-booking.service.js';
import { succeeded } from '../support/api-v1.js';
import { TestClock } from '../support/clock.js';
import { openTill } from '../support/till.js';

/** More than a job takes at once. */
const MANY = 230;
const DAY = 86_400_000;

const clock = new TestClock();
const env = { API_V1_TOKEN_TTL: String(300 * 86_400) };
const { app, mall, till, buyer, merchant } = openTill({ clock, env, wechat: { speed: 100_000, clock } });

afterEach(async () => {
  jest.restoreAllMocks();
  await wechatIsBack();
});

/** After the two seconds in which nothing is sent to a host that did not answer. */
async function wechatIsBack(): Promise<void> {
  app.simulator.control.clearFaults();
  await new Promise((resolve) => setTimeout(resolve, 2100));
}

async function place(count: number): Promise<number[]> {
  const product = await mall.product(merchant, { stock: count });
  const orders: number[] = [];
  for (let index = 0; index < count; index += 1) {
    orders.push(...(await mall.order(buyer, [product], { transportation_price: 0 })));
  }
  return orders;
}

const statusesOf = async (orders: readonly number[]): Promise<number[]> => {
  const statuses = await Promise.all(orders.map(async (order) => (await mall.orderInfo(buyer, order)).now_status));
  return [...new Set(statuses)];
};

describe('what cannot be done now holds up nothing else:', () => {
  it('orders that nobody tried to pay close behind any number of which WeChat cannot say whether they are paid', async () => {
    const open = await place(MANY);
    for (const order of open) await till.prepay(buyer, [order]);
    clock.advance(1000);
    const plain = await place(20);
    clock.advance(1_800_001);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    await till.run('orders.expire');
    expect(await statusesOf(plain)).toEqual([5]);
    expect(await statusesOf(open)).toEqual([1]);
    await wechatIsBack();
    for (let round = 0; round < 3; round += 1) await till.run('orders.expire');
    expect(await statusesOf(open)).toEqual([5]);
  });

  it('all orders whose time has come are confirmed in one run', async () => {
    const orders = await place(MANY);
    for (const order of orders) await mall.bring(order, 2, 'offline');
    clock.advance(10 * DAY + 1000);
    await till.run('orders.confirm');
    expect(await statusesOf(orders)).toEqual([3]);
  });

  it('a payment that is to be closed and cannot be verified is asked for on the ladder', async () => {
    const [order] = await place(1);
    await till.prepay(buyer, [order]);
    clock.advance(1_800_001);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    await till.run('orders.expire');
    for (let second = 1; second <= 120; second += 1) {
      clock.advance(1000);
      for (const job of ['payments.reconcile', 'orders.expire']) await till.run(job);
    }
    const [{ checks }] = await app.rows<{ checks: number }>(
      "SELECT checks FROM payments WHERE status = 'pending' ORDER BY id DESC LIMIT 1",
    );
    // After 5, 15, 30 and 60 seconds.
    expect(checks).toBe(4);
    await wechatIsBack();
    clock.advance(1_800_000);
    for (const job of ['payments.reconcile', 'orders.expire']) await till.run(job);
    expect(await statusesOf([order])).toEqual([5]);
  });

  it('a refund that breaks at each try goes to the end of the queue', async () => {
    const [order] = await place(1);
    await till.payByWechat(buyer, [order]);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    succeeded(await till.refund(merchant, order));
    app.simulator.control.clearFaults();
    jest.spyOn(app.app.get(RefundBooking), 'succeed').mockRejectedValue(new Error('broken'));
    clock.advance(3_600_000);
    await till.run('payments.reconcile');
    const [{ due }] = await app.rows<{ due: number }>(
      'SELECT next_check_at AS due FROM refunds WHERE finished_at IS NULL',
    );
    expect(due).toBeGreaterThan(clock.now());
    jest.restoreAllMocks();
    clock.advance(3_600_000);
    await till.run('payments.reconcile');
    expect(await statusesOf([order])).toEqual([6]);
  });

  it('a day whose bill breaks holds up no other', async () => {
    clock.advance(10 * DAY);
    const wechat = app.app.get(WechatPayClient);
    const real = wechat.tradeBill.bind(wechat);
    let calls = 0;
    jest.spyOn(wechat, 'tradeBill').mockImplementation((date) => {
      if ((calls += 1) === 1) throw new Error('broken');
      return real(date);
    });
    await expect(till.run('payments.bill')).rejects.toThrow('1 of 7 days');
    expect(await app.rows('SELECT bill_date FROM bill_days')).toHaveLength(6);
  });
});
