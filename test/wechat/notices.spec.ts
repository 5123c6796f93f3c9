import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import type { OpenedNotify } from '../../src/integrations/wechat/notify.js';
import type { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import type { KeyMode } from '../../src/simulator/keys.js';
import type { Mutation } from '../../src/simulator/notice.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { newNumber, OPENID, payConfig, Receiver, startedClient, startWechat } from './support.js';

const MODES: KeyMode[] = ['both', 'public-key', 'certificate'];

describe.each(MODES)('notifications of the simulated WeChat, keys: %s', (mode) => {
  let simulator: Simulator;
  let client: WechatPayClient;
  let receiver: Receiver;
  let opened: OpenedNotify[] = [];

  beforeAll(async () => {
    receiver = await Receiver.start();
    simulator = await startWechat({ keyMode: mode, speed: 100_000 });
    client = await startedClient(payConfig(simulator, receiver.url, mode));
  });
  afterAll(async () => {
    await simulator.close();
    await receiver.close();
  });
  beforeEach(() => {
    simulator.control.reset();
    simulator.control.planRefunds();
    opened = [];
    receiver.received.length = 0;
    receiver.answer = (notice) => {
      const result = client.openNotify(notice.body, notice.headers);
      opened.push(result);
      return result.ok ? 204 : 401;
    };
  });

  async function ordered(): Promise<string> {
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(100), openid: OPENID });
    return outTradeNo;
  }

  async function paid(): Promise<string> {
    const outTradeNo = await ordered();
    simulator.control.pay({ outTradeNo });
    await simulator.control.idle();
    return outTradeNo;
  }

  async function refunded(outTradeNo: string): Promise<string> {
    const outRefundNo = newNumber('R');
    await client.refund({ outTradeNo, outRefundNo, refund: fen(40), total: fen(100) });
    await simulator.control.idle();
    return outRefundNo;
  }

  it('tell of a payment once it is accepted, signed by a key the merchant holds', async () => {
    const numbers = [await paid(), await paid()];
    expect(opened).toEqual(
      numbers.map((outTradeNo) => ({
        ok: true,
        event: expect.objectContaining({
          kind: 'transaction',
          eventType: 'TRANSACTION.SUCCESS',
          id: expect.stringMatching(/^[\w-]{36}$/),
          transaction: expect.objectContaining({
            outTradeNo,
            tradeState: 'SUCCESS',
            total: 100,
            currency: 'CNY',
            payerOpenid: OPENID,
          }),
        }),
      })),
    );
    const serials = new Set(receiver.received.map((notice) => notice.headers['wechatpay-serial']));
    expect(serials.size).toBe(mode === 'both' ? 2 : 1);
  });

  it.each([
    ['success', 'REFUND.SUCCESS', 'SUCCESS'],
    ['abnormal', 'REFUND.ABNORMAL', 'ABNORMAL'],
    ['closed', 'REFUND.CLOSED', 'CLOSED'],
  ] as const)('tell of a refund that ends with %s', async (outcome, eventType, status) => {
    const outTradeNo = await paid();
    simulator.control.planRefunds(outcome);
    const outRefundNo = await refunded(outTradeNo);
    expect(opened[1]).toMatchObject({
      ok: true,
      event: {
        kind: 'refund',
        eventType,
        refund: { outRefundNo, outTradeNo, status, refund: 40, total: 100, mchId: simulator.keys.mchId },
      },
    });
  });

  it('come again until they are accepted, with one id and a fresh signature', async () => {
    let refusals = 5;
    receiver.answer = () => (refusals-- > 0 ? 500 : 200);
    await paid();
    expect(receiver.received).toHaveLength(6);
    const ids = receiver.received.map((notice) => (JSON.parse(notice.body.toString()) as { id: string }).id);
    expect(new Set(ids).size).toBe(1);
    expect(new Set(receiver.received.map((notice) => notice.headers['wechatpay-nonce'])).size).toBe(6);
    const [record] = simulator.control.notices();
    expect(record?.state).toBe('delivered');
    expect(record?.attempts.map((attempt) => attempt.status)).toEqual([500, 500, 500, 500, 500, 200]);
  });

  it('are given up after fifteen repeats', async () => {
    receiver.answer = () => 302;
    await paid();
    expect(receiver.received).toHaveLength(16);
    expect(simulator.control.notices()[0]?.state).toBe('given_up');
  });

  it('can be lost, doubled in parallel, delayed, and come in another order', async () => {
    simulator.control.spoilNotices('transaction', { kind: 'lose' });
    await paid();
    expect(receiver.received).toHaveLength(0);

    simulator.control.spoilNotices('transaction', { kind: 'duplicate', count: 20 });
    await paid();
    expect(opened).toHaveLength(20);
    expect(new Set(opened.map((one) => one.ok && one.event.id)).size).toBe(1);

    simulator.control.spoilNotices('transaction', { kind: 'delay', ms: 50 });
    await paid();
    expect(opened).toHaveLength(21);

    opened = [];
    simulator.control.spoilNotices('transaction', { kind: 'reorder' });
    await refunded(await paid());
    await simulator.control.idle();
    expect(opened.map((one) => one.ok && one.event.kind)).toEqual(['refund', 'transaction']);
  });

  const spoilt: [Mutation, string][] = [
    ['wrong_key', 'bad_signature'],
    ['unknown_serial', 'unknown_serial'],
    ['stale', 'stale'],
    ['future', 'stale'],
    ['signtest', 'signtest'],
    ['empty_signature', 'missing_header'],
    ['unsigned', 'missing_header'],
    ['extra_space', 'bad_signature'],
    ['flipped_ciphertext', 'undecryptable'],
    ['wrong_aad', 'undecryptable'],
  ];
  it.each(spoilt)('are refused when they are forged or broken: %s', async (mutation, reason) => {
    const outTradeNo = await ordered();
    simulator.control.clearCalls();
    expect(await simulator.control.sendNotice({ outTradeNo, mutation })).toMatchObject({ status: 401, mutation });
    expect(opened).toEqual([{ ok: false, reason }]);
    expect(simulator.control.calls()).toHaveLength(0);
  });

  it.each<[Mutation, object]>([
    ['mchid', { mchId: '1900000999' }],
    ['appid', { appId: 'wxffffffffffffffff' }],
    ['openid', { payerOpenid: 'oSomebodyElse000000000000000' }],
    ['amount', { total: 101 }],
    ['currency', { currency: 'USD' }],
    ['trade_state', { tradeState: 'NOTPAY' }],
    ['unknown_order', { outTradeNo: expect.stringMatching(/^UNKNOWN/) }],
  ])('open although they lie about %s: comparing is the business of the caller', async (mutation, members) => {
    await simulator.control.sendNotice({ outTradeNo: await ordered(), mutation });
    expect(opened).toMatchObject([{ ok: true, event: { transaction: members } }]);
  });

  it('come right after a spoilt first sending', async () => {
    simulator.control.spoilNotices('transaction', { kind: 'mutate', mutation: 'signtest' });
    await paid();
    expect(opened).toMatchObject([{ ok: false, reason: 'signtest' }, { ok: true }]);
  });

  it('replayed byte for byte are genuine for five minutes and stale after that', async () => {
    await paid();
    const [record] = simulator.control.notices();
    await simulator.control.replayNotice(record.id);
    expect(receiver.received[1]?.body).toEqual(receiver.received[0]?.body);
    expect(receiver.received[1]?.headers['wechatpay-signature']).toBe(
      receiver.received[0]?.headers['wechatpay-signature'],
    );
    const { body, headers } = receiver.received[1];
    const later = await startedClient(payConfig(simulator, receiver.url, mode), () => Date.now() + 310_000);
    expect(client.openNotify(body, headers).ok).toBe(true);
    if (mode !== 'certificate') expect(later.openNotify(body, headers)).toEqual({ ok: false, reason: 'stale' });
  });

  it('are malformed, not fatal, whatever a genuine signature covers', async () => {
    const { headers, body } = simulator.control.composeNotice({ outTradeNo: await ordered() });
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    expect(client.openNotify(Buffer.from(body), lower).ok).toBe(true);
    expect(client.openNotify(Buffer.from(body.replace('encrypt', 'Encrypt')), lower)).toEqual({
      ok: false,
      reason: 'bad_signature',
    });
    expect(client.openNotify(Buffer.alloc(65 * 1024), lower)).toEqual({ ok: false, reason: 'too_large' });
    await simulator.control.sendNotice({ outTradeNo: await ordered(), plain: { trade_state: 'WHATEVER' } });
    await simulator.control.sendNotice({ outTradeNo: await ordered(), plain: { out_trade_no: 7 } });
    await simulator.control.sendNotice({ outTradeNo: await ordered(), plain: { amount: null, payer: [] } });
    expect(opened).toMatchObject([
      { ok: false, reason: 'malformed' },
      { ok: false, reason: 'malformed' },
      { ok: true, event: { transaction: { total: null, currency: null, payerOpenid: null } } },
    ]);
  });
});

describe('a notification that nobody answers', () => {
  it('counts as failed after five seconds', async () => {
    const receiver = await Receiver.start();
    const simulator = await startWechat();
    const client = await startedClient(payConfig(simulator, receiver.url, 'both'));
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(100), openid: OPENID });
    receiver.answer = () => new Promise(() => undefined);
    expect(await simulator.control.sendNotice({ outTradeNo })).toMatchObject({ status: 0 });
    await simulator.close();
    await receiver.close();
  });
});
