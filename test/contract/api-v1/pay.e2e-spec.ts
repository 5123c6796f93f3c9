import { describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import { type TestUser } from '../../support/app.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';
import { AT_ONCE, openTill } from '../../support/till.js';

const { app, mall, till, buyer, other, merchant, second } = openTill({ env: AT_ONCE });

/** One order per price (fen, at most two), of one merchant each. */
async function place(user: TestUser, ...prices: number[]): Promise<number[]> {
  const products = [];
  for (const [index, price] of prices.entries()) {
    products.push(await mall.product(index % 2 === 0 ? merchant : second, { price: price / 100 }));
  }
  return mall.order(user, products, { transportation_price: 0 });
}

const calls = (): number => app.simulator.control.calls().length;

describe('POST order/pay with balance', () => {
  it('moves the money to each merchant and the orders to awaiting receipt', async () => {
    await till.grant(buyer, 'CNY', 100);
    const before = await Promise.all([till.wallet(buyer), till.payable(merchant), till.payable(second)]);
    const orders = await place(buyer, 1000, 250);
    const answer = succeeded(await till.pay(buyer, orders, 'balance'));
    expect(answer).toEqual({ payment_id: expect.any(Number) });
    const after = await Promise.all([till.wallet(buyer), till.payable(merchant), till.payable(second)]);
    expect(after[0].balance).toBeCloseTo(before[0].balance - 12.5, 5);
    expect([after[1] - before[1], after[2] - before[2]].map((value) => value.toFixed(2))).toEqual(['10.00', '2.50']);
    for (const id of orders) {
      const info = await mall.orderInfo(buyer, id);
      expect(info.now_status).toBe(2);
      expect(info.pay_time).toBeGreaterThan(0);
      expect(await mall.historyOf(id)).toEqual([`1>2 buyer ${buyer.id}`]);
    }
    expect(await till.payment(buyer, answer['payment_id'])).toEqual({
      payment_id: answer['payment_id'],
      channel: 'balance',
      status: 'captured',
      amount: 12.5,
      refunded: 0,
      order_ids: orders,
      pay_time: expect.any(Number),
    });
  });

  it('changes nothing when the balance is too low', async () => {
    const poor = await app.login('poor');
    const orders = await place(poor, 500);
    refused(await till.pay(poor, orders, 'balance'), 409, 'insufficient balance');
    expect((await mall.orderInfo(poor, orders[0])).now_status).toBe(1);
    expect(await till.wallet(poor)).toEqual({ balance: 0, coupon: 0 });
  });

  it('pays all orders or none', async () => {
    const user = await app.login('half');
    await till.grant(user, 'CNY', 6);
    const orders = await place(user, 500, 500);
    refused(await till.pay(user, orders, 'balance'), 409);
    expect((await till.wallet(user)).balance).toBe(6);
    for (const id of orders) expect((await mall.orderInfo(user, id)).now_status).toBe(1);
  });

  it('has one effect for 50 calls at once, and one for a key', async () => {
    const user = await app.login('fifty');
    await till.grant(user, 'CNY', 100);
    const [order] = await place(user, 700);
    const replies = await Promise.all(Array.from({ length: 50 }, () => till.pay(user, [order], 'balance')));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200, 409]));
    expect((await till.wallet(user)).balance).toBe(93);

    const [again] = await place(user, 700);
    const keyed = await Promise.all(Array.from({ length: 20 }, () => till.pay(user, [again], 'balance', 'key-1')));
    const paid = keyed.filter((reply) => reply.status === 200);
    expect(paid.length).toBeGreaterThan(0);
    expect(new Set(paid.map((reply) => reply.text)).size).toBe(1);
    expect(keyed.every((reply) => reply.status === 200 || reply.headers['retry-after'] !== undefined)).toBe(true);
    const replay = await till.pay(user, [again], 'balance', 'key-1');
    expect(replay.headers['idempotency-replayed']).toBe('true');
    expect(replay.text).toBe(paid[0].text);
    refused(await till.pay(user, [order], 'balance', 'key-1'), 409);
    expect((await till.wallet(user)).balance).toBe(86);
  });
});

describe('POST order/pay with coupon', () => {
  it('redeems the coupon, and the mall pays the merchant the same', async () => {
    await till.grant(buyer, 'COUPON', 20);
    const [order] = await place(buyer, 800);
    const before = await till.payable(merchant);
    const { balance, coupon } = await till.wallet(buyer);
    const { payment_id: id } = succeeded(await till.pay(buyer, [order], 'coupon'));
    expect(await till.wallet(buyer)).toEqual({ balance, coupon: coupon - 8 });
    expect(((await till.payable(merchant)) - before).toFixed(2)).toBe('8.00');
    expect((await till.payment(buyer, id))['channel']).toBe('coupon');
  });

  it('never takes balance for what a coupon may pay', async () => {
    const user = await app.login('coupons');
    await till.grant(user, 'COUPON', 1);
    await till.grant(user, 'CNY', 100);
    refused(await till.pay(user, await place(user, 150), 'coupon'), 409, 'insufficient balance');
    expect(await till.wallet(user)).toEqual({ balance: 100, coupon: 1 });
  });
});

describe('an order of nothing', () => {
  it('is paid from the wallet without a posting and refused for WeChat without a call', async () => {
    const [order] = await place(buyer, 100);
    await app.tamper('UPDATE orders SET discount = 100, total = 0 WHERE id = ?', [order]);
    const before = calls();
    refused(await till.pay(buyer, [order], 'wechat'), 409);
    expect(calls()).toBe(before);
    const { payment_id: id } = succeeded(await till.pay(buyer, [order], 'balance'));
    expect(await till.payment(buyer, id)).toMatchObject({ status: 'captured', amount: 0, channel: 'balance' });
    expect((await mall.orderInfo(buyer, order)).now_status).toBe(2);
  });
});

describe('POST order/pay with wechat', () => {
  it('answers the fields of wx.requestPayment, which WeChat accepts, and one payment pays orders of two merchants', async () => {
    const orders = await place(buyer, 1000, 234);
    const before = await Promise.all([till.payable(merchant), till.payable(second)]);
    const fields = await till.prepay(buyer, orders);
    expect(fields).toEqual({
      payment_id: expect.any(Number),
      timeStamp: expect.stringMatching(/^\d{10}$/),
      nonceStr: expect.any(String),
      package: expect.stringMatching(/^prepay_id=wx/),
      signType: 'RSA',
      paySign: expect.any(String),
    });
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({
      status: 'pending',
      pay_time: 0,
      amount: 12.34,
    });
    expect((await mall.orderInfo(buyer, orders[0])).now_status).toBe(1);
    till.confirm(fields);
    await till.settle();
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({
      status: 'captured',
      channel: 'wechat',
      order_ids: orders,
      refunded: 0,
    });
    for (const id of orders) {
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(2);
      expect(await mall.historyOf(id)).toEqual(['1>2 system']);
    }
    const after = await Promise.all([till.payable(merchant), till.payable(second)]);
    expect(after.map((value, index) => (value - before[index]).toFixed(2))).toEqual(['10.00', '2.34']);
  });

  it('goes on with the same attempt when it is asked again, with the very same parameters', async () => {
    const orders = await place(buyer, 300);
    app.simulator.control.failNext('prepay_jsapi', { kind: 'drop_after' });
    refused(await till.pay(buyer, orders, 'wechat', 'lost-reply'), 503);
    const fields = succeeded(await till.pay(buyer, orders, 'wechat', 'lost-reply'));
    const again = await till.prepay(buyer, orders);
    expect(again.payment_id).toBe(fields['payment_id']);
    const bodies = app.simulator.control
      .calls('prepay_jsapi')
      .slice(-3)
      .map((call) => call.body);
    expect(new Set(bodies).size).toBe(1);
    const replay = await till.pay(buyer, orders, 'wechat', 'lost-reply');
    expect(replay.headers['idempotency-replayed']).toBe('true');
    expect((replay.body as { data: unknown }).data).toEqual(fields);
    till.confirm(again);
    await till.settle();
    expect(await till.payment(buyer, again.payment_id)).toMatchObject({ status: 'captured' });
  });

  it('believes no answer that WeChat did not sign', async () => {
    const orders = await place(buyer, 300);
    for (const kind of ['unsigned', 'wrong_key', 'wrong_serial', 'skewed', 'truncated', 'html', 'empty'] as const) {
      app.simulator.control.failNext('prepay_jsapi', { kind });
      refused(await till.pay(buyer, orders, 'wechat'), 503);
    }
    await till.payByWechat(buyer, orders);
    expect((await mall.orderInfo(buyer, orders[0])).now_status).toBe(2);
  });

  it('makes one attempt for many calls at once', async () => {
    const orders = await place(buyer, 300);
    const replies = await Promise.all(Array.from({ length: 12 }, () => till.pay(buyer, orders, 'wechat')));
    const ids = replies.filter((reply) => reply.status === 200).map((reply) => succeeded(reply)['payment_id']);
    expect(ids.length).toBe(12);
    expect(new Set(ids).size).toBe(1);
  });

  it('closes an older attempt over other orders at WeChat first', async () => {
    const [first, later] = await place(buyer, 300, 400);
    const old = await till.prepay(buyer, [first, later]);
    const fields = await till.prepay(buyer, [first]);
    expect(fields.payment_id).not.toBe(old.payment_id);
    expect((await till.payment(buyer, old.payment_id))['status']).toBe('closed');
    expect(app.simulator.control.pay({ fields: old })).toMatchObject({ ok: false });
    till.confirm(fields);
    await till.settle();
    expect((await mall.orderInfo(buyer, first)).now_status).toBe(2);
    expect((await mall.orderInfo(buyer, later)).now_status).toBe(1);
  });

  it('closes the old attempt and takes a new number when a total has changed', async () => {
    const [order] = await place(buyer, 300);
    const old = await till.prepay(buyer, [order]);
    await app.tamper('UPDATE orders SET discount = 100, total = 200 WHERE id = ?', [order]);
    const fields = await till.prepay(buyer, [order]);
    expect(fields.payment_id).not.toBe(old.payment_id);
    expect((await till.payment(buyer, old.payment_id))['status']).toBe('closed');
    expect((await till.payment(buyer, fields.payment_id))['amount']).toBe(2);
  });

  it('is 409 while the older attempt cannot be verified as closed, and finds out when that was paid', async () => {
    const [order] = await place(buyer, 300);
    await till.grant(buyer, 'CNY', 3);
    const fields = await till.prepay(buyer, [order]);
    app.simulator.control.failNext('query', { kind: 'drop_before' });
    refused(await till.pay(buyer, [order], 'balance'), 409);
    app.simulator.control.failNext('close', { kind: 'error', status: 500 });
    refused(await till.pay(buyer, [order], 'balance'), 409);
    app.simulator.control.spoilNotices('transaction', { kind: 'lose' });
    till.confirm(fields);
    refused(await till.pay(buyer, [order], 'balance'), 409);
    expect(await till.payment(buyer, fields.payment_id)).toMatchObject({ status: 'captured' });
    expect((await mall.orderInfo(buyer, order)).now_status).toBe(2);
  });

  it('pays with balance once the open attempt is closed at WeChat', async () => {
    const [order] = await place(buyer, 100);
    await till.grant(buyer, 'CNY', 1);
    const fields = await till.prepay(buyer, [order]);
    succeeded(await till.pay(buyer, [order], 'balance'));
    expect((await till.payment(buyer, fields.payment_id))['status']).toBe('closed');
    expect(app.simulator.control.pay({ fields })).toMatchObject({ ok: false });
  });

  it('refuses for good what WeChat refuses for good, and starts afresh when asked again', async () => {
    const [order] = await place(buyer, 100);
    app.simulator.control.failNext('prepay_jsapi', { kind: 'error', status: 400, code: 'PARAM_ERROR' });
    refused(await till.pay(buyer, [order], 'wechat'), 409);
    expect(await till.alerts()).toContain('prepay_refused');
    await till.payByWechat(buyer, [order]);
    expect((await mall.orderInfo(buyer, order)).now_status).toBe(2);
  });

  it('takes a new number when WeChat has closed the old one', async () => {
    const [order] = await place(buyer, 100);
    const fields = await till.prepay(buyer, [order]);
    app.simulator.control.failNext('prepay_jsapi', { kind: 'error', status: 400, code: 'ORDER_CLOSED' });
    const again = await till.prepay(buyer, [order]);
    expect(again.payment_id).not.toBe(fields.payment_id);
  });
});

describe('who may pay and look', () => {
  it('refuses foreign, unknown, paid, closed, deleted and repeated orders without a call to WeChat', async () => {
    const [mine, paid] = await place(buyer, 100, 100);
    const [closed, deleted] = await place(buyer, 100, 100);
    await mall.bring(paid, 2);
    await mall.bring(closed, 5);
    succeeded(await app.post('/api/v1/order/deleteOrder', { order_id: deleted }, buyer.token));
    const before = calls();
    for (const channel of ['wechat', 'balance', 'coupon']) {
      refused(await till.pay(other, [mine], channel), 404);
      refused(await till.pay(buyer, [mine, 999_999], channel), 404);
      refused(await till.pay(buyer, [deleted], channel), 404);
      refused(await till.pay(buyer, [mine, paid], channel), 409);
      refused(await till.pay(buyer, [closed], channel), 409);
      refused(await till.pay(buyer, [mine, mine], channel), 400);
    }
    expect(calls()).toBe(before);
    expect((await mall.orderInfo(buyer, mine)).now_status).toBe(1);
  });

  it('shows a payment to its payer and to root only', async () => {
    await till.grant(buyer, 'CNY', 1);
    const { payment_id: id } = succeeded(await till.pay(buyer, await place(buyer, 100), 'balance'));
    refused(await app.get('/api/v1/order/payment', { payment_id: id }, other.token), 404);
    refused(await app.get('/api/v1/order/payment', { payment_id: id }, merchant.token), 404);
    refused(await app.get('/api/v1/order/payment', { payment_id: 999_999 }, buyer.token), 404);
    expect(await till.payment(till.root, id)).toMatchObject({ status: 'captured' });
  });

  it('refuses strangers and wrong parameters', async () => {
    const [order] = await place(buyer, 100);
    await refusesStrangers(() => app.post('/api/v1/order/pay', { order_ids: [order], channel: 'balance' }));
    await refusesStrangers(() => app.get('/api/v1/order/payment', { payment_id: 1 }));
    const good = { order_ids: [order], channel: 'balance' };
    await refusesParameters((body) => app.post('/api/v1/order/pay', body, buyer.token), good, {
      order_ids: wrong.idList(1, 100),
      channel: ['', 'cash', 1, null, ['balance']],
    });
    for (const id of wrong.id.filter((value) => typeof value === 'string' || typeof value === 'number')) {
      refused(await app.get('/api/v1/order/payment', { payment_id: id }, buyer.token), 400);
    }
    refused(await app.get('/api/v1/order/payment', {}, buyer.token), 400);
  });

  it('ignores amounts and payers that the client sends', async () => {
    const [order] = await place(buyer, 12_300);
    const body = {
      order_ids: [order],
      channel: 'wechat',
      total: 1,
      amount: 1,
      openid: 'oX',
      notify_url: 'http://x/',
      mchid: '1',
    };
    const fields = succeeded(await app.post('/api/v1/order/pay', body, buyer.token));
    const outTradeNo = till.confirm(fields);
    expect(app.simulator.control.trade(outTradeNo)).toMatchObject({ total: 12_300 });
    await till.settle();
    expect((await mall.orderInfo(buyer, order)).now_status).toBe(2);
  });

  it('does not let a user without a mini-program login pay by WeChat', async () => {
    const [order] = await place(buyer, 100);
    await app.tamper('UPDATE wechat_identities SET app_id = ? WHERE user_id = ?', ['wxother', buyer.id]);
    const before = calls();
    refused(await till.pay(buyer, [order], 'wechat'), 409);
    expect(calls()).toBe(before);
    await app.tamper('UPDATE wechat_identities SET app_id = ? WHERE user_id = ?', ['wx0000000000000001', buyer.id]);
  });
});
