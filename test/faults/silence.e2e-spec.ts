import { afterEach, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { AT_ONCE, openTill } from '../support/till.js';

const { app, mall, till, buyer, merchant, second } = openTill({ env: AT_ONCE, wechat: { speed: 100_000 } });

afterEach(async () => {
  app.simulator.control.clearFaults();
  await till.expectClean();
  await till.expectAgreement();
});

async function place(...prices: number[]): Promise<number[]> {
  const products = [];
  for (const [index, price] of prices.entries()) {
    products.push(await mall.product(index % 2 === 0 ? merchant : second, { price: price / 100 }));
  }
  return mall.order(buyer, products, { transportation_price: 0 });
}

const statusOf = async (order: number): Promise<number> => (await mall.orderInfo(buyer, order)).now_status;
const silence = (): void => app.simulator.control.spoilNotices('any', { kind: 'lose' }, null);

describe('with every notification dropped', () => {
  it('all payments and refunds still end right within two rounds of the reconciler', async () => {
    silence();
    const paid: number[][] = [];
    const fields = [];
    for (let count = 0; count < 12; count += 1) paid.push(await place(100 + count, 200));
    for (const orders of paid) fields.push(await till.prepay(buyer, orders));
    for (const one of fields) till.confirm(one);
    const unpaid = await till.prepay(buyer, await place(900));
    for (const orders of paid) expect(await statusOf(orders[0])).toBe(1);
    await till.reconcile(2);
    for (const one of fields) expect(await till.payment(buyer, one.payment_id)).toMatchObject({ status: 'captured' });
    for (const orders of paid) expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([2, 2]);
    expect(await till.payment(buyer, unpaid.payment_id)).toMatchObject({ status: 'pending' });

    for (const [index, [first]] of paid.entries())
      succeeded(await till.refund(merchant, first, index % 2 ? 0.5 : undefined));
    await till.settle();
    await till.reconcile(2);
    for (const [index, [first, other]] of paid.entries()) {
      expect([await statusOf(first), await statusOf(other)]).toEqual([index % 2 ? 2 : 6, 2]);
    }
  });

  it('a buyer who asks gets it booked at once', async () => {
    silence();
    const [order] = await place(500);
    const fields = await till.prepay(buyer, [order]);
    till.confirm(fields);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({
      status: 'captured',
      pay_time: expect.any(Number),
    });
    expect(await statusOf(order)).toBe(2);
  });

  it('a refund made at WeChat is taken from the bill, and paid is what the query calls REFUND', async () => {
    silence();
    const [order] = await place(500);
    const fields = await till.prepay(buyer, [order]);
    const outTradeNo = till.confirm(fields);
    await till.refundAtWechat({ outTradeNo, outRefundNo: 'BYHAND1', refund: 500, total: 500 });
    await till.reconcile(2);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ status: 'captured', refunded: 0 });
    expect(await statusOf(order)).toBe(2);
    const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const { differences } = succeeded(await app.get('/api/v1/payment/differences', { date }, till.root.token));
    expect(differences).toEqual([]);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ refunded: 5 });
    expect(await statusOf(order)).toBe(6);
  });
});

describe('money that comes too late', () => {
  it('for a closed order is booked and given back by itself, and the order stays closed', async () => {
    const [order] = await place(600);
    const fields = await till.prepay(buyer, [order]);
    succeeded(await app.post('/api/v1/order/cancel', { order_id: order }, buyer.token));
    expect(await statusOf(order)).toBe(5);
    expect((await till.payment(buyer, fields.payment_id))['status']).toBe('closed');
    till.confirm(fields, true);
    await till.settle();
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ status: 'captured' });
    await till.reconcile(2);
    await till.settle();
    await till.reconcile(2);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ status: 'captured', refunded: 6 });
    expect(await statusOf(order)).toBe(5);
  });

  it('for an order that was paid before is given back, the first payment stays', async () => {
    const [order, other] = await place(600, 100);
    const old = await till.prepay(buyer, [order, other]);
    const fields = await till.prepay(buyer, [order]);
    till.confirm(fields);
    await till.settle();
    till.confirm(old, true);
    await till.settle();
    await till.reconcile(2);
    await till.settle();
    await till.reconcile(2);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ status: 'captured', refunded: 0 });
    expect(await till.payment(buyer, old.payment_id)).toMatchObject({ status: 'captured', amount: 7, refunded: 6 });
    expect([await statusOf(order), await statusOf(other)]).toEqual([2, 2]);
  });

  it('at another price than the order has now is given back, and the order can be paid anew', async () => {
    const [order] = await place(600);
    const fields = await till.prepay(buyer, [order]);
    await app.tamper('UPDATE orders SET discount = 100, total = 500 WHERE id = ?', [order]);
    till.confirm(fields);
    await till.settle();
    expect(await statusOf(order)).toBe(1);
    await till.payByWechat(buyer, [order]);
    await till.reconcile(2);
    await till.settle();
    await till.reconcile(2);
    expect(await statusOf(order)).toBe(2);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ refunded: 6 });
  });
});

describe('POST order/cancel of an order with an open payment', () => {
  it('is 409 while WeChat cannot confirm, and the reconciler finishes it', async () => {
    const [order] = await place(600);
    const fields = await till.prepay(buyer, [order]);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    refused(await app.post('/api/v1/order/cancel', { order_id: order }, buyer.token), 409);
    expect(await statusOf(order)).toBe(1);
    app.simulator.control.clearFaults();
    await till.reconcile(2);
    expect((await till.payment(buyer, fields.payment_id))['status']).toBe('closed');
    expect(app.simulator.control.pay({ fields })).toMatchObject({ ok: false });
    expect(await statusOf(order)).toBe(5);
    expect(await mall.historyOf(order)).toEqual([`1>5 buyer ${buyer.id}`]);
  });

  it('is forgotten when the buyer pays after all', async () => {
    const [order] = await place(600);
    await till.prepay(buyer, [order]);
    app.simulator.control.failNext('any', { kind: 'drop_before' }, null);
    refused(await app.post('/api/v1/order/cancel', { order_id: order }, buyer.token), 409);
    app.simulator.control.clearFaults();
    await till.payByWechat(buyer, [order]);
    await till.reconcile(2);
    expect(await statusOf(order)).toBe(2);
  });

  it('finds that it has just been paid', async () => {
    silence();
    const [order] = await place(600);
    till.confirm(await till.prepay(buyer, [order]));
    refused(await app.post('/api/v1/order/cancel', { order_id: order }, buyer.token), 409);
    expect(await statusOf(order)).toBe(2);
  });
});
