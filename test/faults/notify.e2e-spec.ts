import { describe, expect, it } from '@jest/globals';
import { succeeded } from '../support/api-v1.js';
import { AT_ONCE, openTill } from '../support/till.js';

const { app, mall, till, buyer, merchant } = openTill({ env: AT_ONCE, wechat: { speed: 10_000 } });

async function place(price = 500): Promise<number> {
  const product = await mall.product(merchant, { price: price / 100 });
  return (await mall.order(buyer, [product], { transportation_price: 0 }))[0];
}

const statusOf = async (order: number): Promise<number> => (await mall.orderInfo(buyer, order)).now_status;

/** Started and confirmed, and the notification of it lost. */
async function paidInSilence(price = 500): Promise<{ order: number; outTradeNo: string; paymentId: number }> {
  const order = await place(price);
  const fields = await till.prepay(buyer, [order]);
  app.simulator.control.spoilNotices('transaction', { kind: 'lose' });
  return { order, outTradeNo: till.confirm(fields), paymentId: fields.payment_id };
}

async function entriesOf(order: number): Promise<number> {
  const rows = await app.rows<{ id: number }>(
    "SELECT id FROM ledger_transactions WHERE order_id = ? AND kind = 'order_payment'",
    [order],
  );
  return rows.length;
}

const routes = (): string[] => [`${app.url}/api/v1/payment/notify`, `${app.url}/liveuser/Wx/Postpay`];

describe('a notification that WeChat did not sign for us just now', () => {
  it.each([
    'unsigned',
    'empty_signature',
    'wrong_key',
    'unknown_serial',
    'stale',
    'future',
    'signtest',
    'extra_space',
    'flipped_ciphertext',
    'wrong_aad',
  ] as const)('is refused with 4xx when it is %s, on both routes, and the right one still books', async (mutation) => {
    const { order, outTradeNo } = await paidInSilence();
    const calls = app.simulator.control.calls().length;
    for (const url of routes()) {
      const { status } = await app.simulator.control.sendNotice({ outTradeNo, mutation, url });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    expect(app.simulator.control.calls().length).toBe(calls);
    expect(await statusOf(order)).toBe(1);
    expect((await app.simulator.control.sendNotice({ outTradeNo })).status).toBe(204);
    expect(await statusOf(order)).toBe(2);
    await till.expectClean();
  });

  it('calls nobody for a hundred unknown serials', async () => {
    const { order, outTradeNo } = await paidInSilence();
    const calls = app.simulator.control.calls().length;
    const sendings = Array.from({ length: 100 }, () =>
      app.simulator.control.sendNotice({ outTradeNo, mutation: 'unknown_serial' }),
    );
    expect(new Set((await Promise.all(sendings)).map(({ status }) => status))).toEqual(new Set([400]));
    expect(app.simulator.control.calls().length).toBe(calls);
    expect(await statusOf(order)).toBe(1);
  });
});

describe('a genuine notification that does not fit the attempt', () => {
  it.each(['mchid', 'appid', 'openid', 'amount', 'currency', 'trade_state'] as const)(
    'is stored, alarmed and refused when its %s differs, and a later right one books',
    async (mutation) => {
      const { order, outTradeNo } = await paidInSilence();
      const before = (await till.alerts()).length;
      const { status } = await app.simulator.control.sendNotice({ outTradeNo, mutation });
      expect(status).toBe(409);
      expect((await till.alerts()).slice(before)).toEqual(['mismatch']);
      expect(await statusOf(order)).toBe(1);
      expect((await app.simulator.control.sendNotice({ outTradeNo })).status).toBe(204);
      expect(await statusOf(order)).toBe(2);
      await till.expectClean();
    },
  );

  it('is refused when WeChat says one fen less', async () => {
    const { order, outTradeNo } = await paidInSilence();
    const plain = { amount: { total: 499, payer_total: 499, currency: 'CNY', payer_currency: 'CNY' } };
    expect((await app.simulator.control.sendNotice({ outTradeNo, plain })).status).toBe(409);
    expect(await statusOf(order)).toBe(1);
    await till.reconcile();
    expect(await statusOf(order)).toBe(2);
  });

  it('creates nothing for an unknown number', async () => {
    const { order, outTradeNo } = await paidInSilence();
    const { status } = await app.simulator.control.sendNotice({ outTradeNo, mutation: 'unknown_order' });
    expect(status).toBe(404);
    expect(await till.alerts()).toContain('unknown_order');
    expect(await statusOf(order)).toBe(1);
    await till.reconcile();
  });
});

describe('the routes', () => {
  it("answer 204 and, the document's way, 200 with {}", async () => {
    const first = await paidInSilence();
    expect((await app.simulator.control.sendNotice({ outTradeNo: first.outTradeNo, url: routes()[0] })).status).toBe(
      204,
    );
    const later = await paidInSilence();
    const message = app.simulator.control.composeNotice({ outTradeNo: later.outTradeNo });
    const reply = await fetch(routes()[1], { method: 'POST', headers: message.headers, body: message.body });
    expect([reply.status, await reply.json()]).toEqual([200, {}]);
    expect([await statusOf(first.order), await statusOf(later.order)]).toEqual([2, 2]);
  });

  it('refuse as WeChat wants', async () => {
    for (const url of routes()) {
      const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      expect([reply.status, await reply.json()]).toEqual([400, { code: 'FAIL', message: expect.any(String) }]);
    }
  });

  it('refuse forms, XML, GET, more than 64 KiB, and a logged-in user who says that he paid', async () => {
    const order = await place();
    const call = async (url: string, type: string, body: string, method = 'POST'): Promise<number> => {
      const headers = { 'content-type': type, authorization: `Bearer ${buyer.token}`, 'x-forwarded-for': '127.0.0.1' };
      const reply = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body }) });
      await reply.arrayBuffer();
      return reply.status;
    };
    for (const url of routes()) {
      expect(await call(url, 'application/x-www-form-urlencoded', 'a=1')).toBe(415);
      expect(await call(url, 'text/xml', '<xml><!ENTITY x SYSTEM "http://127.0.0.1:1/"></xml>')).toBe(415);
      expect(await call(url, 'application/json', '', 'GET')).toBe(404);
      expect(await call(url, 'application/json', JSON.stringify({ order_id: order, state: 1 }))).toBe(400);
      expect(await call(url, 'application/json', JSON.stringify({ pad: 'x'.repeat(70_000) }))).toBe(413);
      expect(await call(url, 'application/json', '{')).toBe(400);
    }
    expect(await statusOf(order)).toBe(1);
  });
});

describe('repeats', () => {
  it('have one effect when every notification is delivered 20 times at once', async () => {
    app.simulator.control.spoilNotices('any', { kind: 'duplicate', count: 20 }, null);
    const order = await place(700);
    const { paymentId, outTradeNo } = await till.payByWechat(buyer, [order]);
    const attempts = app.simulator.control.notices().find((one) => one.outTradeNo === outTradeNo)!.attempts;
    expect(attempts.slice(0, 20).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 204));
    expect(await entriesOf(order)).toBe(1);
    expect(await mall.historyOf(order)).toEqual(['1>2 system']);
    const payable = await till.payable(merchant);
    succeeded(await till.refund(merchant, order, 2));
    await till.settle();
    succeeded(await till.refund(merchant, order));
    await till.settle();
    await till.reconcile(2);
    await till.settle();
    expect(await till.payment(buyer, paymentId)).toMatchObject({ status: 'captured', refunded: 7 });
    expect(await till.payable(merchant)).toBeCloseTo(payable - 7, 5);
    expect(await statusOf(order)).toBe(6);
    app.simulator.control.clearFaults();
    await till.expectClean();
    await till.expectAgreement();
  });

  it('have one effect across both routes, under other ids, and with a query at the same time', async () => {
    const { order, outTradeNo, paymentId } = await paidInSilence();
    const sendings = Array.from({ length: 24 }, (_, index) =>
      app.simulator.control.sendNotice({ outTradeNo, url: routes()[index % 2] }),
    );
    const queries = Array.from({ length: 6 }, () => till.payment(buyer, paymentId));
    const answers = await Promise.all(sendings);
    await Promise.all(queries);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 204]));
    expect(await entriesOf(order)).toBe(1);
    await till.expectClean();
  });

  it('are accepted and change nothing when the very bytes come again', async () => {
    const order = await place();
    await till.payByWechat(buyer, [order]);
    const [notice] = app.simulator.control.notices().slice(-1);
    const payable = await till.payable(merchant);
    expect((await app.simulator.control.replayNotice(notice.id)).status).toBe(204);
    expect(await till.payable(merchant)).toBe(payable);
  });
});

describe('order of arrival', () => {
  it('does not matter: a refund made at WeChat can be told before its payment', async () => {
    const { order, outTradeNo, paymentId } = await paidInSilence();
    const payable = await till.payable(merchant);
    app.simulator.control.spoilNotices('refund', { kind: 'duplicate', count: 20 });
    await till.refundAtWechat({ outTradeNo, outRefundNo: 'CONSOLE1', refund: 200, total: 500 });
    expect(await statusOf(order)).toBe(2);
    expect(await till.payment(buyer, paymentId)).toMatchObject({ status: 'captured', refunded: 2 });
    expect(await till.payable(merchant)).toBeCloseTo(payable + 3, 5);
    expect(await till.alerts()).toContain('external_refund');
    expect((await app.simulator.control.sendNotice({ outTradeNo })).status).toBe(204);
    expect(await entriesOf(order)).toBe(1);
    await till.expectClean();
    await till.expectAgreement();
  });
});
