import { afterEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '../../../src/common/domain-error.js';
import { RechargeService, type StartedRecharge } from '../../../src/modules/payments/recharge/recharge.service.js';
import { refused, succeeded } from '../../support/api-v1.js';
import { TestApp, type TestUser } from '../../support/app.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';
import { TestClock } from '../../support/clock.js';
import { AT_ONCE, openTill } from '../../support/till.js';

const clock = new TestClock();
const env = { ...AT_ONCE, WECHAT_MOBILE_APP_ID: 'wx0000000000000002', API_V1_TOKEN_TTL: '8640000' };
const { app, mall, till, buyer, root } = openTill({ clock, env, wechat: { speed: 100_000, clock } });

const ITEM = { name: '充100送10', money: 100, charge: 10, description: '限时优惠' };

afterEach(async () => {
  await till.expectClean();
  await till.expectAgreement();
});

const post = (name: string, body: object, token = root.token): ReturnType<TestApp['post']> =>
  app.post(`/api/v1/rechargeItem/${name}`, body, token);
const add = async (change: object = {}): Promise<number> =>
  Number(succeeded(await post('add', { ...ITEM, ...change }))['id']);
const list = async (): Promise<Record<string, unknown>[]> =>
  succeeded(await app.get('/api/v1/rechargeItem/list', {}, root.token))['items'] as Record<string, unknown>[];

const order = (user: TestUser, itemId: number): Promise<StartedRecharge> =>
  app.app.get(RechargeService).createOrder(null, user.id, itemId);

/** As the web wire starts it; confirmed in WeChat and notified. */
async function recharge(user: TestUser, itemId: number): Promise<StartedRecharge> {
  const started = await order(user, itemId);
  till.confirm({ ...(started.miniProgram ?? started.app) });
  await till.settle();
  return started;
}

async function receivable(): Promise<number> {
  const [row] = await app.rows<{ sum: number | null }>(
    "SELECT SUM(e.amount) AS sum FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE a.address = 'platform:receivable'",
  );
  return Number(row.sum ?? 0);
}

describe("root's recharge items", () => {
  it('are added, changed, listed in yuan and deleted', async () => {
    const id = await add();
    expect((await list()).find((item) => item['id'] === id)).toEqual({
      id,
      ...ITEM,
      create_at: expect.any(Number),
      update_at: expect.any(Number),
    });
    expect(succeeded(await post('modify', { id, charge: 0.5 }))).toEqual({});
    expect((await list()).find((item) => item['id'] === id)).toMatchObject({ ...ITEM, charge: 0.5 });
    expect(succeeded(await post('delete', { id }))).toEqual({});
    expect((await list()).some((item) => item['id'] === id)).toBe(false);
    refused(await post('modify', { id, charge: 1 }), 404);
    refused(await post('delete', { id }), 404);
  });

  it('are for root only', async () => {
    const id = await add();
    for (const [name, body] of Object.entries({ add: ITEM, modify: { id }, delete: { id } })) {
      refused(await post(name, body, buyer.token), 403);
      await refusesStrangers(() => app.post(`/api/v1/rechargeItem/${name}`, body));
    }
    refused(await app.get('/api/v1/rechargeItem/list', {}, buyer.token), 403);
    await refusesStrangers(() => app.get('/api/v1/rechargeItem/list'));
    refused(await post('refund', { payment_id: 1, reason: 'x' }, buyer.token), 403);
  });

  it('refuse wrong parameters', async () => {
    await refusesParameters((body) => post('add', body), ITEM, {
      name: wrong.text(1, 64),
      money: wrong.yuan(0.01, 21_474_836.47),
      charge: wrong.yuan(0, 21_474_836.47),
      description: wrong.text(0, 500),
    });
    for (const id of wrong.id) {
      refused(await post('modify', { id, charge: 1 }), 400);
      refused(await post('delete', { id }), 400);
    }
  });
});

describe('a recharge', () => {
  it('credits money and bonus as they were when it was started, once under 50 notifications at once', async () => {
    const id = await add();
    const user = await app.login('charged');
    const started = await order(user, id);
    succeeded(await post('modify', { id, money: 1, charge: 1000 }));
    app.simulator.control.spoilNotices('transaction', { kind: 'duplicate', count: 50 });
    till.confirm({ ...started.miniProgram });
    await till.settle();
    expect(await till.wallet(user)).toEqual({ balance: 110, coupon: 0 });
    expect(await till.payment(user, started.outTradeNo)).toMatchObject({
      payment_id: started.paymentId,
      channel: 'wechat',
      status: 'captured',
      amount: 100,
      order_ids: [],
    });
    const { entries } = succeeded(await app.get('/api/v1/wallet/statement', {}, user.token)) as {
      entries: { amount: number; order_id: number }[];
    };
    expect(entries.map(({ amount }) => amount)).toEqual([10, 100]);
  });

  it('goes on with the same attempt while it is unpaid, also after a lost answer', async () => {
    const id = await add();
    const user = await app.login('twice');
    app.simulator.control.failNext('prepay_jsapi', { kind: 'drop_after' });
    await expect(order(user, id)).rejects.toThrow(DomainError);
    const [first, again] = [await order(user, id), await order(user, id)];
    expect(first.paymentId).toBe(again.paymentId);
    const bodies = app.simulator.control.calls('prepay_jsapi').slice(-3);
    expect(new Set(bodies.map((call) => call.body)).size).toBe(1);
  });

  it('is an APP payment under the mobile app for a user without an openid', async () => {
    const user = await app.login('phone-only');
    await app.tamper('DELETE FROM wechat_identities WHERE user_id = ?', [user.id]);
    const started = await recharge(user, await add());
    expect(started.miniProgram).toBeNull();
    expect(started.app).toMatchObject({ appid: 'wx0000000000000002', package: 'Sign=WXPay' });
    expect((await till.wallet(user)).balance).toBe(110);
  });

  it('expires unpaid, closed at WeChat', async () => {
    const started = await order(buyer, await add());
    clock.advance(1_800_001);
    await till.reconcile();
    expect((await till.payment(buyer, started.paymentId))['status']).toBe('closed');
    expect(app.simulator.control.pay({ fields: { ...started.miniProgram } })).toMatchObject({ ok: false });
  });
});

describe("root's refund of a recharge", () => {
  it('takes the bonus back first, then gives the money back through WeChat, once', async () => {
    const user = await app.login('regret');
    const { outTradeNo, paymentId } = await recharge(user, await add());
    const body = { payment_id: outTradeNo, reason: '用户要求' };
    app.simulator.control.planRefunds('processing');
    expect(succeeded(await post('refund', body))).toEqual({ refund_id: expect.any(Number), status: 'processing' });
    expect((await till.wallet(user)).balance).toBe(0);
    refused(await post('refund', body), 409);
    const [refund] = app.simulator.control.books().refunds.slice(-1);
    app.simulator.control.settleRefund(refund.outRefundNo, 'success');
    await till.settle();
    expect(await till.payment(user, paymentId)).toMatchObject({ status: 'captured', refunded: 100 });
    refused(await post('refund', { payment_id: paymentId, reason: 'x' }), 409);
    expect((await till.wallet(user)).balance).toBe(0);
  });

  it('is refused once it is spent, while it is unpaid, and for what is no recharge', async () => {
    const user = await app.login('spender', 3);
    const { outTradeNo } = await recharge(user, await add());
    await app.tamper('UPDATE ledger_accounts SET balance = 10999 WHERE address = ?', [`user:${user.id}:balance`]);
    refused(await post('refund', { payment_id: outTradeNo, reason: 'x' }), 409);
    await app.tamper('UPDATE ledger_accounts SET balance = 11000 WHERE address = ?', [`user:${user.id}:balance`]);
    const open = await order(user, await add());
    refused(await post('refund', { payment_id: open.outTradeNo, reason: 'x' }), 409);
    refused(await post('refund', { payment_id: 999_999, reason: 'x' }), 404);
    refused(await post('refund', { payment_id: 'x', reason: 'x' }), 400);
    refused(await post('refund', { payment_id: outTradeNo }), 400);
  });

  it('comes back with the bonus when WeChat closes it', async () => {
    const user = await app.login('closed');
    const { outTradeNo } = await recharge(user, await add());
    app.simulator.control.planRefunds('closed');
    succeeded(await post('refund', { payment_id: outTradeNo, reason: 'x' }));
    await till.settle();
    expect((await till.wallet(user)).balance).toBe(110);
  });
});

describe('a recharge refunded at WeChat, not here', () => {
  it('takes bonus and money out of the balance', async () => {
    const user = await app.login('console');
    const { outTradeNo, paymentId } = await recharge(user, await add());
    const before = await receivable();
    await till.refundAtWechat({ outTradeNo, outRefundNo: `C${paymentId}`, refund: 5000, total: 10_000 });
    expect((await till.wallet(user)).balance).toBe(55);
    expect(await receivable()).toBe(before);
    expect(await till.payment(user, paymentId)).toMatchObject({ refunded: 50 });
  });

  it('lands on platform:receivable and alarms when it was spent, and the balance is never negative', async () => {
    const user = await app.login('gone');
    const { outTradeNo, paymentId } = await recharge(user, await add());
    const merchant = await app.login('m2', 3);
    const product = await mall.product(merchant, { price: 109 });
    const orders = await mall.order(user, [product], { transportation_price: 0 });
    succeeded(await till.pay(user, orders, 'balance'));
    expect((await till.wallet(user)).balance).toBe(1);
    const before = await receivable();
    await till.refundAtWechat({ outTradeNo, outRefundNo: `C${paymentId}`, refund: 10_000, total: 10_000 });
    expect((await till.wallet(user)).balance).toBe(0);
    expect((await receivable()) - before).toBe(-10_900);
    expect(await till.alerts()).toEqual(expect.arrayContaining(['external_refund', 'loss']));
    refused(await post('refund', { payment_id: outTradeNo, reason: 'x' }), 409);
  });
});
