import { beforeAll, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import { AT_ONCE, openTill } from '../../support/till.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';

const { app, mall, till, buyer, merchant, second } = openTill({ env: AT_ONCE, wechat: { speed: 10_000 } });

beforeAll(async () => {
  await till.grant(buyer, 'CNY', 1000);
  await till.grant(buyer, 'COUPON', 1000);
});

interface Paid {
  readonly order: number;
  readonly product: number;
  readonly payment: number;
}

/** An order of one merchant, paid. */
async function paid(channel: 'balance' | 'coupon' | 'wechat', price: number): Promise<Paid> {
  const product = await mall.product(merchant, { price: price / 100 });
  const [order] = await mall.order(buyer, [product], { transportation_price: 0 });
  if (channel === 'wechat') return { order, product, payment: (await till.payByWechat(buyer, [order])).paymentId };
  return { order, product, payment: Number(succeeded(await till.pay(buyer, [order], channel))['payment_id']) };
}

const statusOf = async (order: number): Promise<number> => (await mall.orderInfo(buyer, order)).now_status;
const pay = (id: number): Promise<Record<string, unknown>> => till.payment(buyer, id);

describe('POST order/refund of what came from the wallet', () => {
  it('gives a part back to the balance and keeps the status, then the rest, and the order becomes 6 with its goods back', async () => {
    const { order, product, payment } = await paid('balance', 1000);
    const [before, payable] = [await till.wallet(buyer), await till.payable(merchant)];
    const answer = succeeded(await till.refund(merchant, order, 4));
    expect(answer).toEqual({ refund_id: expect.any(Number), status: 'succeeded' });
    expect((await till.wallet(buyer)).balance).toBeCloseTo(before.balance + 4, 5);
    expect(await till.payable(merchant)).toBeCloseTo(payable - 4, 5);
    expect(await statusOf(order)).toBe(2);
    expect(await mall.stockOf(product)).toBe(31);
    expect(await pay(payment)).toMatchObject({ status: 'captured', amount: 10, refunded: 4 });

    refused(await till.refund(merchant, order, 6.01), 409);
    succeeded(await till.refund(merchant, order));
    expect(await statusOf(order)).toBe(6);
    expect(await mall.stockOf(product)).toBe(32);
    expect(await till.wallet(buyer)).toEqual({ balance: before.balance + 10, coupon: before.coupon });
    expect(await mall.historyOf(order)).toContain(`2>6 merchant ${merchant.id}`);
    refused(await till.refund(merchant, order), 409);
    refused(await till.refund(merchant, order, 0.01), 409);
  });

  it('gives coupon back as coupon, and takes from the merchant what the mall had paid him', async () => {
    const { order } = await paid('coupon', 900);
    const [before, payable] = [await till.wallet(buyer), await till.payable(merchant)];
    succeeded(await till.refund(merchant, order, 2));
    expect(await till.wallet(buyer)).toEqual({ balance: before.balance, coupon: before.coupon + 2 });
    succeeded(await till.refund(merchant, order));
    expect(await till.wallet(buyer)).toEqual({ balance: before.balance, coupon: before.coupon + 9 });
    expect(await till.payable(merchant)).toBeCloseTo(payable - 9, 5);
  });

  it('does not restock what the buyer has received', async () => {
    const { order, product } = await paid('balance', 100);
    succeeded(await app.post('/api/v1/order/changeStatus', { order_id: order, status: 3 }, buyer.token));
    succeeded(await till.refund(merchant, order));
    expect(await statusOf(order)).toBe(6);
    expect(await mall.stockOf(product)).toBe(31);
  });

  it('never goes above the share, however many ask at once', async () => {
    const { order } = await paid('balance', 1000);
    const { balance } = await till.wallet(buyer);
    const replies = await Promise.all(Array.from({ length: 20 }, () => till.refund(merchant, order, 3)));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(3);
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200, 409]));
    expect((await till.wallet(buyer)).balance).toBeCloseTo(balance + 9, 5);
  });

  it('is one refund for a key, and two without', async () => {
    const { order } = await paid('balance', 1000);
    const { balance } = await till.wallet(buyer);
    const replies = await Promise.all(Array.from({ length: 10 }, () => till.refund(merchant, order, 1, 'one')));
    const done = replies.filter((reply) => reply.status === 200);
    expect(new Set(done.map((reply) => reply.text)).size).toBe(1);
    refused(await till.refund(merchant, order, 2, 'one'), 409);
    expect((await till.wallet(buyer)).balance).toBeCloseTo(balance + 1, 5);
    succeeded(await till.refund(merchant, order, 1));
    succeeded(await till.refund(merchant, order, 1));
    expect((await till.wallet(buyer)).balance).toBeCloseTo(balance + 3, 5);
  });

  it("stops at the merchant's payable", async () => {
    const own = await app.login('spent', 3);
    const product = await mall.product(own, { price: 5 });
    const [order] = await mall.order(buyer, [product], { transportation_price: 0 });
    succeeded(await till.pay(buyer, [order], 'balance'));
    await app.tamper('UPDATE ledger_accounts SET balance = 100 WHERE address = ?', [`merchant:${own.id}:payable`]);
    refused(await till.refund(own, order, 2), 409);
    expect(await statusOf(order)).toBe(2);
    await app.tamper('UPDATE ledger_accounts SET balance = 500 WHERE address = ?', [`merchant:${own.id}:payable`]);
    succeeded(await till.refund(own, order));
  });
});

describe('POST order/refund through WeChat', () => {
  it('is processing until WeChat has done it, and the order moves only then', async () => {
    app.simulator.control.planRefunds('processing');
    const { order, product, payment } = await paid('wechat', 1234);
    const payable = await till.payable(merchant);
    expect(succeeded(await till.refund(merchant, order))).toEqual({
      refund_id: expect.any(Number),
      status: 'processing',
    });
    expect(await statusOf(order)).toBe(2);
    expect(await pay(payment)).toMatchObject({ refunded: 0 });
    expect(await till.payable(merchant)).toBeCloseTo(payable - 12.34, 5);
    refused(await till.refund(merchant, order, 0.01), 409);
    await till.reconcile();
    expect(await statusOf(order)).toBe(2);
    const [refund] = app.simulator.control.books().refunds.slice(-1);
    expect(refund.notifyUrl).toBe(app.config.wechat.pay?.notifyUrl);
    app.simulator.control.settleRefund(refund.outRefundNo, 'success');
    await till.settle();
    expect(await statusOf(order)).toBe(6);
    expect(await pay(payment)).toMatchObject({ status: 'captured', refunded: 12.34 });
    expect(await mall.stockOf(product)).toBe(32);
  });

  it("gives back one order's share of a payment of two merchants, and nothing of the other's", async () => {
    const products = [await mall.product(merchant, { price: 7 }), await mall.product(second, { price: 3 })];
    const orders = await mall.order(buyer, products, { transportation_price: 0 });
    const { paymentId } = await till.payByWechat(buyer, orders);
    refused(await till.refund(merchant, orders[0], 7.01), 409);
    refused(await till.refund(merchant, orders[1]), 404);
    succeeded(await till.refund(merchant, orders[0]));
    await till.settle();
    expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([6, 2]);
    expect(await pay(paymentId)).toMatchObject({ amount: 10, refunded: 7 });
  });

  it('waits out the minute between two partial refunds', async () => {
    const { order, payment } = await paid('wechat', 1000);
    app.simulator.control.setSpeed(1);
    app.simulator.control.planRefunds('processing');
    expect(succeeded(await till.refund(merchant, order, 1))['status']).toBe('processing');
    expect(succeeded(await till.refund(merchant, order, 2))['status']).toBe('processing');
    const refusals = app.simulator.control.calls('refund').slice(-1);
    expect(refusals[0].status).toBe(429);
    app.simulator.control.setSpeed(10_000);
    const [first] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(first.outRefundNo, 'success');
    await till.settle();
    await till.reconcile();
    await till.settle();
    await till.reconcile();
    expect(await pay(payment)).toMatchObject({ refunded: 3 });
    expect(await statusOf(order)).toBe(2);
  });

  it('asks again with the same number after a lost answer, so that one refund is real', async () => {
    const { order, payment } = await paid('wechat', 500);
    app.simulator.control.planRefunds('processing');
    app.simulator.control.failNext('refund', { kind: 'drop_after' });
    expect(succeeded(await till.refund(merchant, order))['status']).toBe('processing');
    const [refund] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(refund.outRefundNo, 'success');
    await till.settle();
    await till.reconcile(2);
    expect(await statusOf(order)).toBe(6);
    expect(await pay(payment)).toMatchObject({ refunded: 5 });
  });

  it('stays pending without funds, alarms, and goes through when there are some', async () => {
    const { order } = await paid('wechat', 500);
    app.simulator.control.setFunds(0);
    expect(succeeded(await till.refund(merchant, order))['status']).toBe('processing');
    await till.reconcile();
    expect(await till.alerts()).toContain('refund_no_funds');
    expect(await statusOf(order)).toBe(2);
    app.simulator.control.setFunds(null);
    await till.reconcile();
    await till.settle();
    expect(await statusOf(order)).toBe(6);
  });

  it('does not call an abnormal refund done: it needs a person, and may still succeed', async () => {
    const { order, payment } = await paid('wechat', 500);
    app.simulator.control.planRefunds('abnormal');
    const payable = await till.payable(merchant);
    succeeded(await till.refund(merchant, order));
    await till.settle();
    expect(await till.alerts()).toContain('refund_abnormal');
    expect(await statusOf(order)).toBe(2);
    expect(await pay(payment)).toMatchObject({ refunded: 0 });
    expect(await till.payable(merchant)).toBeCloseTo(payable - 5, 5);
    const [refund] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(refund.outRefundNo, 'success');
    await till.settle();
    expect(await statusOf(order)).toBe(6);
  });

  it('returns the money to the merchant when WeChat closes the refund, and another may follow', async () => {
    const { order, payment } = await paid('wechat', 500);
    app.simulator.control.planRefunds('closed');
    const payable = await till.payable(merchant);
    succeeded(await till.refund(merchant, order, 5, 'closed-one'));
    await till.settle();
    expect(await till.payable(merchant)).toBeCloseTo(payable, 5);
    expect(await statusOf(order)).toBe(2);
    expect(succeeded(await till.refund(merchant, order, 5, 'closed-one'))['status']).toBe('failed');
    expect(await till.alerts()).toContain('refund_closed');
    succeeded(await till.refund(merchant, order));
    await till.settle();
    expect(await statusOf(order)).toBe(6);
    expect(await pay(payment)).toMatchObject({ refunded: 5 });
  });

  it('fails when WeChat refuses for good', async () => {
    const { order } = await paid('wechat', 500);
    const payable = await till.payable(merchant);
    app.simulator.control.failNext('refund', { kind: 'error', status: 400, code: 'INVALID_REQUEST' });
    expect(succeeded(await till.refund(merchant, order))['status']).toBe('failed');
    expect(await till.payable(merchant)).toBeCloseTo(payable, 5);
    expect(await till.alerts()).toContain('refund_refused');
    succeeded(await till.refund(merchant, order));
    await till.settle();
    expect(await statusOf(order)).toBe(6);
  });

  it('takes no final no for granted when WeChat knows the refund', async () => {
    const { order } = await paid('wechat', 500);
    app.simulator.control.planRefunds('processing');
    app.simulator.control.failNext('refund', { kind: 'error', status: 400, code: 'INVALID_REQUEST', after: true });
    expect(succeeded(await till.refund(merchant, order))['status']).toBe('processing');
    const [refund] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(refund.outRefundNo, 'success');
    await till.settle();
    expect(await statusOf(order)).toBe(6);
  });

  it('is one real refund for a key sent 20 times at once', async () => {
    const { order, payment } = await paid('wechat', 500);
    const before = app.simulator.control.books().refunds.length;
    const replies = await Promise.all(Array.from({ length: 20 }, () => till.refund(merchant, order, 2, 'wx-one')));
    const done = replies.filter((reply) => reply.status === 200);
    expect(new Set(done.map((reply) => succeeded(reply)['refund_id'])).size).toBe(1);
    await till.settle();
    await till.reconcile();
    await till.settle();
    expect(app.simulator.control.books().refunds.length).toBe(before + 1);
    expect(await pay(payment)).toMatchObject({ refunded: 2 });
  });
});

describe('who may refund what', () => {
  it('is for the merchant of the order and root', async () => {
    const { order } = await paid('balance', 300);
    refused(await till.refund(second, order), 404);
    refused(await till.refund(buyer, order), 403);
    const shopper = await app.login('shopper', 3);
    await till.grant(shopper, 'CNY', 3);
    const [own] = await mall.order(shopper, [await mall.product(shopper, { price: 3 })], {
      transportation_price: 0,
    });
    succeeded(await till.pay(shopper, [own], 'balance'));
    refused(await till.refund(shopper, own), 403);
    succeeded(await till.refund(till.root, own));
    succeeded(await till.refund(till.root, order, 1));
  });

  it('is not for orders that were not paid here', async () => {
    const product = await mall.product(merchant, { price: 3 });
    const [unpaid] = await mall.order(buyer, [product]);
    refused(await till.refund(merchant, unpaid), 409);
    succeeded(await app.post('/api/v1/order/changeStatus', { order_id: unpaid, status: 2 }, merchant.token));
    refused(await till.refund(merchant, unpaid), 409);
    const [closed] = await mall.order(buyer, [product]);
    await mall.bring(closed, 5);
    refused(await till.refund(merchant, closed), 409);
    refused(await till.refund(merchant, 999_999), 404);
  });

  it('refuses strangers and wrong parameters', async () => {
    const { order } = await paid('balance', 300);
    await refusesStrangers(() => app.post('/api/v1/order/refund', { order_id: order, reason: 'x' }));
    await refusesParameters(
      (body) => app.post('/api/v1/order/refund', body, merchant.token),
      { order_id: order, reason: 'x' },
      { order_id: wrong.id, reason: wrong.text(1, 200) },
    );
    for (const amount of wrong.yuan(0.01, 21_474_836.47)) {
      refused(await app.post('/api/v1/order/refund', { order_id: order, reason: 'x', amount }, merchant.token), 400);
    }
  });
});
