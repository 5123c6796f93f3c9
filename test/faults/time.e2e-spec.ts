import { describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { TestClock } from '../support/clock.js';
import { openTill } from '../support/till.js';

const DAY = 86_400_000;
const clock = new TestClock();
const env = { API_V1_TOKEN_TTL: String(300 * 86_400) };
const { app, mall, till, buyer, merchant } = openTill({ clock, env, wechat: { speed: 100_000, clock } });

async function place(price = 500): Promise<{ order: number; product: number }> {
  const product = await mall.product(merchant, { price: price / 100 });
  return { product, order: (await mall.order(buyer, [product], { transportation_price: 0 }))[0] };
}

const statusOf = async (order: number): Promise<number> => (await mall.orderInfo(buyer, order)).now_status;
const queries = (): number => app.simulator.control.calls('query').length;

describe('the ladder', () => {
  it('asks for a pending payment after 5, 15 and 30 seconds, and not in between', async () => {
    const { order } = await place();
    await till.prepay(buyer, [order]);
    const asked: number[] = [];
    let before = queries();
    for (let second = 1; second <= 60; second += 1) {
      clock.advance(1000);
      await till.run('payments.reconcile');
      if (queries() > before) asked.push(second);
      before = queries();
    }
    expect(asked).toEqual([5, 20, 50]);
  });
});

describe('an order that is not paid in time', () => {
  it('is closed at WeChat first, then here, and restocked once', async () => {
    const { order, product } = await place();
    const fields = await till.prepay(buyer, [order]);
    expect(await mall.stockOf(product)).toBe(31);
    clock.advance(1_800_001);
    const calls = app.simulator.control.calls().length;
    await Promise.all([till.run('orders.expire'), till.run('orders.expire')]);
    expect(await statusOf(order)).toBe(5);
    expect(await mall.stockOf(product)).toBe(32);
    expect(await mall.historyOf(order)).toEqual(['1>5 system']);
    const made = app.simulator.control
      .calls()
      .slice(calls)
      .map((call) => call.route);
    expect(made).toContain('close');
    expect(app.simulator.control.pay({ fields })).toMatchObject({ ok: false });
    expect((await till.payment(buyer, fields.payment_id))['status']).toBe('closed');
  });

  it('stays while WeChat cannot confirm, and is paid when it turns out so', async () => {
    const { order } = await place();
    const fields = await till.prepay(buyer, [order]);
    app.simulator.control.spoilNotices('transaction', { kind: 'lose' });
    till.confirm(fields);
    clock.advance(1_800_001);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    await till.run('orders.expire');
    expect(await statusOf(order)).toBe(1);
    app.simulator.control.clearFaults();
    await till.run('orders.expire');
    expect(await statusOf(order)).toBe(2);
  });

  it('needs no WeChat when nobody tried to pay', async () => {
    const { order } = await place();
    clock.advance(1_800_001);
    const calls = app.simulator.control.calls().length;
    await till.run('orders.expire');
    expect(await statusOf(order)).toBe(5);
    expect(app.simulator.control.calls().length).toBe(calls);
  });
});

describe('receipt', () => {
  it('is confirmed after ten days, not before', async () => {
    const { order } = await place();
    await till.payByWechat(buyer, [order]);
    clock.advance(10 * DAY - 1000);
    await till.run('orders.confirm');
    expect(await statusOf(order)).toBe(2);
    clock.advance(2000);
    await till.run('orders.confirm');
    expect(await statusOf(order)).toBe(3);
    expect(await mall.historyOf(order)).toEqual(['1>2 system', '2>3 system']);
  });
});

describe('the bill of the day before', () => {
  const differences = async (date: string): Promise<unknown> =>
    succeeded(await app.get('/api/v1/payment/differences', { date }, till.root.token))['differences'];

  it('is matched after ten in the morning; what differs is listed and alarms', async () => {
    const date = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const orders = [(await place(500)).order, (await place(600)).order, (await place(700)).order];
    const numbers: string[] = [];
    for (const order of orders) numbers.push((await till.payByWechat(buyer, [order])).outTradeNo);
    app.simulator.control.editBill({
      missing: [numbers[0]],
      differing: { [numbers[1]]: 601 },
      extra: [{ outTradeNo: 'STRANGER1', transactionId: '4200000000000000000000000001', total: 999 }],
    });
    clock.advance(2 * DAY);
    await till.run('payments.bill');
    const matched = await app.rows<{ d: string }>('SELECT bill_date AS d FROM bill_days ORDER BY bill_date');
    expect(matched.map(({ d }) => d)).toContain(date);
    app.simulator.control.editBill({});
    expect(await differences(date)).toEqual(
      expect.arrayContaining([
        { out_trade_no: numbers[0], kind: 'missing_there', ours: 5, theirs: null },
        { out_trade_no: numbers[1], kind: 'amount', ours: 6, theirs: 6.01 },
        { out_trade_no: 'STRANGER1', kind: 'missing_here', ours: null, theirs: 9.99 },
      ]),
    );
    expect(await till.alerts()).toContain('bill');
  });

  it('agrees when both sides do, refunds too, and books what was paid there and not here', async () => {
    const date = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const { order } = await place(500);
    await till.payByWechat(buyer, [order]);
    succeeded(await till.refund(merchant, order, 2));
    await till.settle();
    const lost = await place(800);
    app.simulator.control.spoilNotices('transaction', { kind: 'lose' });
    till.confirm(await till.prepay(buyer, [lost.order]));
    expect(await differences(date)).toEqual([]);
    expect(await statusOf(lost.order)).toBe(2);
  });

  it('is matched again once it is complete, when somebody looked at it too early', async () => {
    clock.advance(DAY);
    const date = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    await till.payByWechat(buyer, [(await place(100)).order]);
    expect(await differences(date)).toEqual([]);
    const { outTradeNo } = await till.payByWechat(buyer, [(await place(200)).order]);
    app.simulator.control.editBill({ missing: [outTradeNo] });
    clock.advance(2 * DAY);
    await till.run('payments.bill');
    app.simulator.control.editBill({});
    expect(await differences(date)).toEqual([
      { out_trade_no: outTradeNo, kind: 'missing_there', ours: 2, theirs: null },
    ]);
  });

  it('is for root, and for days that have been', async () => {
    for (const token of [buyer.token, merchant.token]) {
      refused(await app.get('/api/v1/payment/differences', { date: '2026-01-15' }, token), 403);
    }
    for (const date of ['', 'x', '2026-02-30', '2026-1-1', '2099-01-01', '20260115']) {
      refused(await app.get('/api/v1/payment/differences', { date }, till.root.token), 400);
    }
    refused(await app.get('/api/v1/payment/differences', {}, till.root.token), 400);
    expect(await differences('2025-06-01')).toEqual([]);
  });
});
