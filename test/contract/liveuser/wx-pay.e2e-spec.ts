import { describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { AT_ONCE, openTill } from '../../support/till.js';

const { app, mall, till, buyer, other, merchant, second } = openTill({ env: AT_ONCE });

async function place(...prices: number[]): Promise<number[]> {
  const products = [];
  for (const [index, price] of prices.entries()) {
    products.push(await mall.product(index % 2 === 0 ? merchant : second, { price: price / 100 }));
  }
  return mall.order(buyer, products, { transportation_price: 0 });
}

const prepay = (body: object, user = buyer): PromiseLike<Response> => app.post('/liveuser/Wx/Prepay', body, user.token);
const statusOf = async (order: number): Promise<number> => (await mall.orderInfo(buyer, order)).now_status;

function refusedWith(reply: Response, code: number): void {
  expect([reply.status, reply.body]).toEqual([
    code,
    { id: expect.stringMatching(/^error-/), code, detail: expect.any(String), status: expect.any(String) },
  ]);
}

describe('Wx.Prepay', () => {
  it('answers prepay_id, payment_id and the five fields of wx.requestPayment, which WeChat accepts', async () => {
    const [order] = await place(500);
    const reply = await prepay({ order_id: order });
    expect([reply.status, reply.body]).toEqual([
      200,
      {
        prepay_id: expect.stringMatching(/^wx/),
        payment_id: expect.any(Number),
        timeStamp: expect.stringMatching(/^\d{10}$/),
        nonceStr: expect.any(String),
        package: `prepay_id=${(reply.body as { prepay_id: string }).prepay_id}`,
        signType: 'RSA',
        paySign: expect.any(String),
      },
    ]);
    till.confirm(reply.body as Record<string, unknown>);
    await till.settle();
    expect(await statusOf(order)).toBe(2);
    const listed = await app.post('/liveuser/Order/List', {}, buyer.token);
    const [first] = (listed.body as { orders: { state: number }[] }).orders;
    expect(first.state).toBe(1);
  });

  it("pays the caller's newest unpaid order when the request is empty, as documented", async () => {
    const [older] = await place(300);
    const [newest] = await place(400);
    const reply = await prepay({});
    expect(reply.status).toBe(200);
    till.confirm(reply.body as Record<string, unknown>);
    await till.settle();
    expect([await statusOf(newest), await statusOf(older)]).toEqual([2, 1]);
    refusedWith(await prepay({}, other), 404);
  });

  it('pays several orders with one payment, ids as numbers or texts', async () => {
    const orders = await place(300, 400);
    const reply = await prepay({ order_ids: orders.map(String) });
    expect(reply.status).toBe(200);
    till.confirm(reply.body as Record<string, unknown>);
    await till.settle();
    expect([await statusOf(orders[0]), await statusOf(orders[1])]).toEqual([2, 2]);
  });

  it('refuses foreign, paid and repeated orders without a call to WeChat, and wrong ids', async () => {
    const [mine, paid] = await place(100, 100);
    await mall.bring(paid, 2);
    const calls = app.simulator.control.calls().length;
    refusedWith(await prepay({ order_id: mine }, other), 404);
    refusedWith(await prepay({ order_id: paid }), 409);
    refusedWith(await prepay({ order_ids: [mine, mine] }), 400);
    refusedWith(await prepay({ order_id: 999_999 }), 404);
    for (const id of [0, -1, 'x', 1.5, null, {}]) refusedWith(await prepay({ order_id: id }), 400);
    for (const ids of [[], 'x', [0], {}]) refusedWith(await prepay({ order_ids: ids }), 400);
    refusedWith(await app.post('/liveuser/Wx/Prepay', { order_id: mine }), 401);
    refusedWith(await app.post('/liveuser/Wx/Prepay', { order_id: mine }, 'nonsense'), 401);
    expect(app.simulator.control.calls().length).toBe(calls);
  });

  it('is 503 while the result is unknown, and the repeat goes on', async () => {
    const [order] = await place(100);
    app.simulator.control.failNext('prepay_jsapi', { kind: 'drop_after' });
    refusedWith(await prepay({ order_id: order }), 503);
    expect((await prepay({ order_id: order })).status).toBe(200);
    const [first, again] = app.simulator.control.calls('prepay_jsapi').slice(-2);
    expect(again.body).toBe(first.body);
  });

  it('answers the same to the same Idempotency-Key, also when the order has been paid since', async () => {
    const [order] = await place(100);
    const send = (): PromiseLike<Response> =>
      app.post('/liveuser/Wx/Prepay', {}, buyer.token).set('Idempotency-Key', 'newest');
    const first = await send();
    till.confirm(first.body as Record<string, unknown>);
    await till.settle();
    expect(await statusOf(order)).toBe(2);
    const replay = await send();
    expect(replay.headers['idempotency-replayed']).toBe('true');
    expect(replay.body).toEqual(first.body);
  });
});

describe('Wx.Postpay', () => {
  it('is public, books payment and refund, and answers 200 with {}', async () => {
    const [order] = await place(500);
    const url = `${app.url}/liveuser/Wx/Postpay`;
    app.simulator.control.spoilNotices('any', { kind: 'lose' }, 2);
    const outTradeNo = till.confirm(await till.prepay(buyer, [order]));
    expect((await app.simulator.control.sendNotice({ outTradeNo, url })).status).toBe(200);
    expect(await statusOf(order)).toBe(2);
    app.simulator.control.planRefunds('processing');
    expect((await till.refund(merchant, order)).status).toBe(200);
    const [{ outRefundNo }] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(outRefundNo, 'success');
    expect((await app.simulator.control.sendNotice({ outRefundNo, url })).status).toBe(200);
    expect(await statusOf(order)).toBe(6);
  });

  it('refuses what a user claims', async () => {
    const [order] = await place(500);
    const reply = await app.post('/liveuser/Wx/Postpay', { order_id: order, state: 1 }, buyer.token);
    expect([reply.status, reply.body]).toEqual([400, { code: 'FAIL', message: expect.any(String) }]);
    expect(await statusOf(order)).toBe(1);
  });
});
