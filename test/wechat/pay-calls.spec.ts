import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import type { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import type { KeyMode } from '../../src/simulator/keys.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import {
  loginConfig,
  MINI_PROGRAM,
  MOBILE_APP,
  newNumber,
  OPENID,
  payConfig,
  Receiver,
  startedClient,
  startWechat,
} from './support.js';

const MODES: KeyMode[] = ['both', 'public-key', 'certificate'];

describe.each(MODES)('the pay client against the simulated WeChat, keys: %s', (mode) => {
  let simulator: Simulator;
  let client: WechatPayClient;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await Receiver.start();
    simulator = await startWechat({ keyMode: mode });
    client = await startedClient(payConfig(simulator, receiver.url, mode));
  });
  afterAll(async () => {
    await simulator.close();
    await receiver.close();
  });

  function order(total = 100) {
    return { outTradeNo: newNumber(), description: '测试商品 "一" 件', total: fen(total), openid: OPENID };
  }

  async function paid(total = 100): Promise<string> {
    const wanted = order(total);
    expect(await client.prepayJsapi(wanted)).toMatchObject({ kind: 'ok' });
    expect(simulator.control.pay({ outTradeNo: wanted.outTradeNo })).toMatchObject({ ok: true });
    return wanted.outTradeNo;
  }

  function refundOf(outTradeNo: string, refund: number, total = 100) {
    return { outTradeNo, outRefundNo: newNumber('R'), refund: fen(refund), total: fen(total) };
  }

  it('holds the keys that the merchant has', () => {
    const { publicKeyId, platformSerial } = simulator.keys;
    const expected = {
      both: [publicKeyId, platformSerial],
      'public-key': [publicKeyId],
      certificate: [platformSerial],
    };
    expect(client.verificationSerials()).toEqual(expected[mode]);
  });

  it('prepays under the mini program, hands over signed fields, and the user can pay with them', async () => {
    const wanted = { ...order(), expiresAt: new Date(Date.now() + 1_800_000) };
    const prepay = await client.prepayJsapi(wanted);
    if (prepay.kind !== 'ok') throw new Error(JSON.stringify(prepay));
    expect(prepay.value.prepayId).toMatch(/^wx\w{30,60}$/);
    const fields = client.signMiniProgram(prepay.value.prepayId);
    expect(simulator.control.pay({ fields: { ...fields, package: prepay.value.prepayId } })).toEqual({
      ok: false,
      reason: 'package',
    });
    expect(simulator.control.pay({ fields: { ...fields, timeStamp: Number(fields.timeStamp) } }).ok).toBe(false);
    expect(simulator.control.pay({ fields: { ...fields, nonceStr: `${fields.nonceStr.slice(1)}0` } })).toEqual({
      ok: false,
      reason: 'paySign',
    });
    expect(simulator.control.pay({ fields, openid: 'oSomebodyElse' })).toEqual({ ok: false, reason: 'other_payer' });
    const again = client.signMiniProgram(prepay.value.prepayId);
    const result = simulator.control.pay({ fields: again, coupon: 30 });
    expect(result).toMatchObject({ ok: true, outTradeNo: wanted.outTradeNo });
    expect(await client.queryByOutTradeNo(wanted.outTradeNo)).toEqual({
      kind: 'ok',
      value: {
        appId: MINI_PROGRAM.appId,
        mchId: simulator.keys.mchId,
        outTradeNo: wanted.outTradeNo,
        transactionId: result.ok && result.transactionId,
        tradeType: 'JSAPI',
        tradeState: 'SUCCESS',
        successTime: expect.any(Date),
        payerOpenid: OPENID,
        total: 100,
        currency: 'CNY',
      },
    });
    expect(simulator.control.pay({ fields: again })).toEqual({ ok: false, reason: 'nonce_used' });
  });

  it('prepays under the mobile app, with the bare prepay id in the seven signed fields', async () => {
    const { outTradeNo } = order();
    const prepay = await client.prepayApp({ outTradeNo, description: '充值', total: fen(1) });
    if (prepay.kind !== 'ok') throw new Error(JSON.stringify(prepay));
    const fields = client.signApp(prepay.value.prepayId);
    expect(fields).toMatchObject({ appid: MOBILE_APP.appId, partnerid: simulator.keys.mchId, package: 'Sign=WXPay' });
    expect(simulator.control.pay({ fields: { ...fields, appid: MINI_PROGRAM.appId } }).ok).toBe(false);
    const result = simulator.control.pay({ fields: client.signApp(prepay.value.prepayId), openid: 'oAppUser' });
    if (!result.ok) throw new Error(result.reason);
    expect(await client.queryByOutTradeNo(outTradeNo)).toMatchObject({
      kind: 'ok',
      value: { outTradeNo, appId: MOBILE_APP.appId, tradeType: 'APP', payerOpenid: 'oAppUser' },
    });
  });

  it('may repeat a prepay with the same parameters, and not with others', async () => {
    const wanted = order();
    const [first, second] = [await client.prepayJsapi(wanted), await client.prepayJsapi(wanted)];
    expect([first.kind, second.kind]).toEqual(['ok', 'ok']);
    expect(first).not.toEqual(second);
    expect(await client.prepayJsapi({ ...wanted, total: fen(101) })).toMatchObject({
      kind: 'refused',
      code: 'INVALID_REQUEST',
    });
    expect(await client.prepayApp(wanted)).toMatchObject({ kind: 'refused', code: 'OUT_TRADE_NO_USED' });
    simulator.control.pay({ outTradeNo: wanted.outTradeNo });
    expect(await client.prepayJsapi(wanted)).toMatchObject({ kind: 'refused', code: 'ORDERPAID' });
  });

  it.each([
    ['no amount', { total: fen(0) }],
    ['a number of five characters', { outTradeNo: 'T1234' }],
    ['a long description', { description: 'x'.repeat(128) }],
    ['a notify URL with a query', { notifyUrl: 'https://mall.example/n?a=1' }],
  ])('surfaces the refusal of %s', async (_name, change) => {
    expect(await client.prepayJsapi({ ...order(), ...change })).toMatchObject({
      kind: 'refused',
      code: 'PARAM_ERROR',
      status: 400,
    });
  });

  it('queries what is unpaid, and what WeChat never saw', async () => {
    const wanted = order();
    await client.prepayJsapi(wanted);
    expect(await client.queryByOutTradeNo(wanted.outTradeNo)).toMatchObject({
      kind: 'ok',
      value: { tradeState: 'NOTPAY', transactionId: null, total: 100 },
    });
    const nothing = { kind: 'refused', code: 'ORDER_NOT_EXIST', status: 404 };
    expect(await client.queryByOutTradeNo('T00000000')).toMatchObject(nothing);
  });

  it('closes as often as it likes, but not what was paid', async () => {
    const wanted = order();
    await client.prepayJsapi(wanted);
    expect(await client.close(wanted.outTradeNo)).toEqual({ kind: 'ok', value: 'closed' });
    expect(await client.close(wanted.outTradeNo)).toEqual({ kind: 'ok', value: 'closed' });
    expect(await client.queryByOutTradeNo(wanted.outTradeNo)).toMatchObject({ value: { tradeState: 'CLOSED' } });
    expect(await client.prepayJsapi(wanted)).toMatchObject({ kind: 'refused', code: 'ORDER_CLOSED' });
    expect(simulator.control.pay({ outTradeNo: wanted.outTradeNo })).toEqual({ ok: false, reason: 'closed' });
    expect(await client.close(await paid())).toMatchObject({ kind: 'refused', code: 'ORDERPAID' });
    expect(await client.close('T00000000')).toMatchObject({ kind: 'refused', code: 'ORDER_NOT_EXIST' });
  });

  it('lets a payment win the race against a close', async () => {
    const wanted = order();
    await client.prepayJsapi(wanted);
    await client.close(wanted.outTradeNo);
    expect(simulator.control.pay({ outTradeNo: wanted.outTradeNo, force: true })).toMatchObject({ ok: true });
    expect(await client.queryByOutTradeNo(wanted.outTradeNo)).toMatchObject({ value: { tradeState: 'SUCCESS' } });
  });

  it('refuses payment of expired orders and of old prepay ids', async () => {
    const wanted = { ...order(), expiresAt: new Date(Date.now() + 90_000) };
    const lasting = order();
    await client.prepayJsapi(wanted);
    await client.prepayJsapi(lasting);
    simulator.control.advance(7201);
    expect(simulator.control.pay({ outTradeNo: wanted.outTradeNo })).toEqual({ ok: false, reason: 'expired' });
    expect(simulator.control.pay({ outTradeNo: lasting.outTradeNo })).toEqual({
      ok: false,
      reason: 'prepay_id_expired',
    });
    simulator.control.advance(-7201);
  });

  it('refunds once per number, in parts, a minute apart, never more than was paid', async () => {
    const outTradeNo = await paid();
    // WeChat's own minute: a busy machine must not let a shortened one pass.
    simulator.control.setSpeed(1);
    const first = refundOf(outTradeNo, 60);
    const accepted = await client.refund({ ...first, reason: '不想要了'.repeat(10) });
    expect(accepted).toMatchObject({
      kind: 'ok',
      value: { outRefundNo: first.outRefundNo, outTradeNo, status: 'PROCESSING', refund: 60, total: 100 },
    });
    expect(await client.refund(refundOf(outTradeNo, 10))).toEqual({ kind: 'retry', code: 'FREQUENCY_LIMITED' });
    simulator.control.advance(60);
    expect(await client.refund(refundOf(outTradeNo, 41))).toMatchObject({ kind: 'refused', code: 'INVALID_REQUEST' });
    expect(await client.refund(refundOf(outTradeNo, 40))).toMatchObject({ kind: 'ok' });
    expect(await client.refund({ ...first, reason: '不想要了'.repeat(10) })).toMatchObject({ kind: 'ok' });
    expect(await client.refund({ ...first, refund: fen(59) })).toMatchObject({
      kind: 'refused',
      code: 'INVALID_REQUEST',
    });
    await simulator.control.idle();
    expect(await client.queryRefund(first.outRefundNo)).toMatchObject({
      kind: 'ok',
      value: { status: 'SUCCESS', refund: 60, successTime: expect.any(Date) },
    });
    expect(await client.queryByOutTradeNo(outTradeNo)).toMatchObject({ value: { tradeState: 'REFUND' } });
    const books = simulator.control.books().refunds.filter((refund) => refund.outTradeNo === outTradeNo);
    expect(books.reduce((sum, refund) => sum + refund.refund, 0)).toBe(100);
    simulator.control.setSpeed(1000);
  });

  it('allows fifty partial refunds and no more', async () => {
    const outTradeNo = await paid();
    for (let i = 0; i < 50; i += 1) {
      expect(await client.refund(refundOf(outTradeNo, 1))).toMatchObject({ kind: 'ok' });
      simulator.control.advance(60);
    }
    expect(await client.refund(refundOf(outTradeNo, 1))).toMatchObject({ kind: 'refused', code: 'RULE_LIMIT' });
  });

  it('tells refunds that end badly, and the lack of money', async () => {
    for (const outcome of ['abnormal', 'closed', 'processing'] as const) {
      const refund = refundOf(await paid(), 100);
      simulator.control.planRefunds(outcome);
      await client.refund(refund);
      await simulator.control.idle();
      expect(await client.queryRefund(refund.outRefundNo)).toMatchObject({ value: { status: outcome.toUpperCase() } });
    }
    simulator.control.setFunds(50);
    const tooMuch = refundOf(await paid(), 100);
    expect(await client.refund(tooMuch)).toEqual({ kind: 'retry', code: 'NOT_ENOUGH' });
    simulator.control.setFunds(null);
    expect(await client.refund(tooMuch)).toMatchObject({ kind: 'ok' });
  });

  it('refuses refunds of what is unpaid or unknown', async () => {
    const wanted = order();
    await client.prepayJsapi(wanted);
    expect(await client.refund(refundOf(wanted.outTradeNo, 1))).toMatchObject({
      kind: 'refused',
      code: 'INVALID_REQUEST',
    });
    expect(await client.refund(refundOf('T00000000', 1))).toMatchObject({
      kind: 'refused',
      code: 'RESOURCE_NOT_EXISTS',
    });
    expect(await client.queryRefund('R00000000')).toMatchObject({ kind: 'refused', code: 'RESOURCE_NOT_EXISTS' });
  });

  it('reads the bill of a day and its planted differences', async () => {
    simulator.control.reset();
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    expect(await client.tradeBill('2020-01-01')).toMatchObject({ kind: 'refused', code: 'NO_STATEMENT_EXIST' });
    const [kept, missing, differing] = [await paid(1115), await paid(200), await paid(300)];
    const refund = refundOf(kept, 115, 1115);
    await client.refund(refund);
    simulator.control.editBill({
      missing: [missing],
      differing: { [differing]: 299 },
      extra: [{ outTradeNo: 'TX0001', transactionId: '4200X', total: 7 }],
    });
    const bill = await client.tradeBill(today);
    if (bill.kind !== 'ok') throw new Error(JSON.stringify(bill));
    expect(bill.value.rows.map((row) => [row.outTradeNo, row.outRefundNo, row.total, row.refund])).toEqual([
      [kept, null, 1115, 0],
      [differing, null, 299, 0],
      [kept, refund.outRefundNo, 0, 115],
      ['TX0001', null, 7, 0],
    ]);
    expect(bill.value.summary).toEqual({ count: 4, total: 1421, refund: 115 });
  });

  it('proves credentials without moving money', async () => {
    expect(await client.probe()).toEqual({ kind: 'ok', value: 'verified' });
  });
});

describe('a pay client without credentials', () => {
  it('answers unavailable to everything and opens no notification', async () => {
    const client = await startedClient(loginConfig('http://127.0.0.1:9'));
    const nothing = { kind: 'unavailable', reason: 'not_configured' };
    expect(client.configured).toBe(false);
    expect(await client.prepayApp({ outTradeNo: 'T000001', description: 'x', total: fen(1) })).toEqual(nothing);
    expect(await client.queryByOutTradeNo('T000001')).toEqual(nothing);
    expect(await client.close('T000001')).toEqual(nothing);
    expect(await client.tradeBill('2026-11-20')).toEqual(nothing);
    expect(await client.probe()).toEqual(nothing);
    expect(client.openNotify(Buffer.from('{}'), {})).toEqual({ ok: false, reason: 'not_configured' });
  });
});
