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
});

describe('a refund made at WeChat before its payment was known here', () => {
  /** Confirmed at WeChat, which tells nobody. */
  async function paid(
    ...prices: number[]
  ): Promise<{ orders: number[]; id: number; outTradeNo: string; total: number }> {
    const orders = await place(...prices);
    const fields = await till.prepay(buyer, orders);
    const total = prices.reduce((sum, price) => sum + price, 0);
    return { orders, id: fields.payment_id, outTradeNo: till.confirm(fields), total };
  }
  const refund = (outTradeNo: string, total: number, amount: number, outRefundNo: string): Promise<void> =>
    till.refundAtWechat({ outTradeNo, outRefundNo, refund: amount, total });
  const refundsOf = async (id: number): Promise<string[]> =>
    (
      await app.rows<{ status: string; amount: number; no: string | null }>(
        'SELECT status, amount, out_refund_no AS no FROM refunds WHERE payment_id = ? ORDER BY id',
        [id],
      )
    ).map(({ status, amount, no }) => `${status} ${amount} ${no?.replace(/^R[0-9a-f]{30}$/, 'ours')}`);
  const matchBill = async (): Promise<unknown> => {
    const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    return succeeded(await app.get('/api/v1/payment/differences', { date }, till.root.token))['differences'];
  };
  const finish = async (): Promise<void> => {
    await till.reconcile(2);
    await till.settle();
    await till.reconcile(2);
  };

  it('H9: is booked with it when a query says REFUND: nobody ever ships, and the bill names the number', async () => {
    silence();
    const { orders, id, outTradeNo } = await paid(500, 300);
    const [{ productId }] = await app.rows<{ productId: number }>(
      'SELECT first_product_id AS productId FROM orders WHERE id = ?',
      [orders[0]],
    );
    const payable = await till.payable(merchant);
    await refund(outTradeNo, 800, 800, 'BYHAND1');
    await till.reconcile(2);
    expect(await till.payment(buyer, id)).toMatchObject({ status: 'captured', refunded: 8 });
    expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([6, 6]);
    expect(await mall.historyOf(orders[0])).toEqual(['1>2 system', '2>6 system']);
    expect([await mall.stockOf(productId), await till.payable(merchant)]).toEqual([32, payable]);
    expect(await till.alerts()).toContain('external_refund');
    expect(await refundsOf(id)).toEqual([`presumed 800 query:${outTradeNo}`]);
    expect(await matchBill()).toEqual([]);
    expect(await refundsOf(id)).toEqual(['succeeded 800 BYHAND1']);
    expect(await till.payment(buyer, id)).toMatchObject({ refunded: 8 });
  });

  it('is booked once when the notifications of both come late', async () => {
    silence();
    const { orders, id, outTradeNo } = await paid(500);
    await refund(outTradeNo, 500, 500, 'BYHAND2');
    await till.reconcile(2);
    app.simulator.control.clearFaults();
    const paidNotice = await app.simulator.control.sendNotice({ outTradeNo });
    const refundNotice = await app.simulator.control.sendNotice({ outRefundNo: 'BYHAND2' });
    expect([paidNotice.status, refundNotice.status]).toEqual([204, 204]);
    expect(await refundsOf(id)).toEqual(['succeeded 500 BYHAND2']);
    expect(await statusOf(orders[0])).toBe(6);
  });

  it('is put right when it was a part only: what is left of orders that were given up goes back too', async () => {
    silence();
    const { orders, id, outTradeNo } = await paid(500, 300);
    await refund(outTradeNo, 800, 200, 'BYHAND3');
    await till.reconcile(2);
    expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([6, 6]);
    await matchBill();
    const [presumed, real, ...rest] = await refundsOf(id);
    expect([presumed, real]).toEqual([`failed 800 query:${outTradeNo}`, 'succeeded 200 BYHAND3']);
    expect(rest.map((one) => one.split(' ')[2])).toEqual(['ours', 'ours']);
    await finish();
    expect(await till.payment(buyer, id)).toMatchObject({ status: 'captured', refunded: 8 });
    expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([6, 6]);
  });

  it('of a part is no reason to give anything up where its notification tells how much it was', async () => {
    app.simulator.control.spoilNotices('transaction', { kind: 'lose' }, null);
    const { orders, id, outTradeNo } = await paid(500);
    await refund(outTradeNo, 500, 200, 'BYHAND4');
    expect(await statusOf(orders[0])).toBe(2);
    expect(await till.payment(buyer, id)).toMatchObject({ status: 'captured', refunded: 2 });
    expect(await refundsOf(id)).toEqual(['succeeded 200 BYHAND4']);
  });

  it('is not made twice for an order that was closed meanwhile', async () => {
    silence();
    const [order] = await place(600);
    const fields = await till.prepay(buyer, [order]);
    succeeded(await app.post('/api/v1/order/cancel', { order_id: order }, buyer.token));
    const outTradeNo = till.confirm(fields, true);
    await refund(outTradeNo, 600, 600, 'BYHAND6');
    expect(await matchBill()).toEqual([]);
    await finish();
    expect(await refundsOf(fields.payment_id)).toEqual(['succeeded 600 BYHAND6']);
    expect(await statusOf(order)).toBe(5);
    expect(await till.alerts()).not.toContain('loss');
  });

  it('of a recharge gives nothing to spend', async () => {
    silence();
    const item = { name: '充1元', money: 1, charge: 0.5, description: '' };
    const { id } = succeeded(await app.post('/api/v1/rechargeItem/add', item, till.root.token));
    const reply = await app.post('/payment_order', { item_id: id }, buyer.token);
    const { jsapi } = (reply.body as { data: { jsapi: Record<string, unknown> } }).data;
    const before = await till.wallet(buyer);
    const outTradeNo = till.confirm(jsapi);
    await refund(outTradeNo, 100, 100, 'BYHAND7');
    await till.reconcile(2);
    expect(await till.wallet(buyer)).toEqual(before);
    expect(await matchBill()).toEqual([]);
    expect(await till.wallet(buyer)).toEqual(before);
  });

  it('that fails at WeChat is made from here', async () => {
    silence();
    app.simulator.control.planRefunds('processing');
    const { orders, id, outTradeNo } = await paid(500);
    await refund(outTradeNo, 500, 500, 'BYHAND5');
    await till.reconcile(2);
    expect(await statusOf(orders[0])).toBe(6);
    app.simulator.control.clearFaults();
    app.simulator.control.settleRefund('BYHAND5', 'closed');
    await till.settle();
    expect(await refundsOf(id)).toEqual([`failed 500 query:${outTradeNo}`, expect.stringMatching(/ 500 ours$/)]);
    await finish();
    expect(await till.payment(buyer, id)).toMatchObject({ refunded: 5 });
    expect(await statusOf(orders[0])).toBe(6);
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
