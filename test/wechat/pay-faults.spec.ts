import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import type { PayOutcome } from '../../src/integrations/wechat/pay.types.js';
import { MerchantSigner } from '../../src/integrations/wechat/merchant-signer.js';
import { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import type { CallFault } from '../../src/simulator/faults.js';
import { createSimulatorKeys } from '../../src/simulator/keys.js';
import type { RouteName } from '../../src/simulator/routes.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { elapsed } from '../support/clock.js';
import { newNumber, OPENID, payConfig, startedClient, startWechat } from './support.js';

const NOTIFY = 'http://127.0.0.1:9/notify';

describe('the outcome of a call that goes wrong', () => {
  let simulator: Simulator;
  let client: WechatPayClient;
  let patient: WechatPayClient;
  let hasty: WechatPayClient;
  let outTradeNo: string;
  let paidNo: string;

  beforeAll(async () => {
    simulator = await startWechat();
    patient = await startedClient(payConfig(simulator, NOTIFY, 'both', 30));
    hasty = await startedClient(payConfig(simulator, NOTIFY, 'both', 0.3));
  });
  afterAll(() => simulator.close());
  beforeEach(async () => {
    simulator.control.clearFaults();
    client = patient;
    [outTradeNo, paidNo] = [newNumber(), newNumber()];
    await prepay(outTradeNo);
    await prepay(paidNo);
    simulator.control.pay({ outTradeNo: paidNo });
  });

  function prepay(number: string): Promise<PayOutcome<unknown>> {
    return client.prepayJsapi({ outTradeNo: number, description: '商品', total: fen(100), openid: OPENID });
  }

  function refund(outRefundNo: string): Promise<PayOutcome<unknown>> {
    return client.refund({ outTradeNo: paidNo, outRefundNo, refund: fen(100), total: fen(100) });
  }

  function platformPublicKey(): string {
    const { publicKey } = new X509Certificate(simulator.keys.platformCertificate);
    return publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  const calls: [RouteName, () => Promise<PayOutcome<unknown>>][] = [
    ['prepay_jsapi', () => prepay(outTradeNo)],
    ['query', () => client.queryByOutTradeNo(outTradeNo)],
    ['close', () => client.close(outTradeNo)],
    ['refund', () => refund(newNumber('R'))],
  ];
  const faults: [CallFault, string | RegExp][] = [
    [{ kind: 'drop_before' }, 'network'],
    [{ kind: 'drop_after' }, 'network'],
    [{ kind: 'delay', ms: 2000 }, 'timeout'],
    [{ kind: 'unsigned' }, /^missing_header/],
    [{ kind: 'wrong_key' }, /^bad_signature/],
    [{ kind: 'wrong_serial' }, /^unknown_serial/],
    [{ kind: 'skewed' }, /^stale/],
    [{ kind: 'html' }, /^missing_header/],
    [{ kind: 'error', status: 500, signed: false }, /^missing_header, HTTP 500 SYSTEM_ERROR/],
    [{ kind: 'error', status: 403, code: 'ORDERPAID', signed: false }, /^missing_header, HTTP 403 ORDERPAID/],
    [{ kind: 'error', status: 500, code: 'BANK_ERROR' }, 'BANK_ERROR'],
    [{ kind: 'error', status: 502, code: 'STRANGE' }, 'STRANGE'],
    [{ kind: 'error', status: 202, code: 'USER_PAYING' }, 'USER_PAYING'],
  ];

  it.each(calls.flatMap(([route, call]) => faults.map(([fault, reason]) => ({ route, call, fault, reason }))))(
    'is unknown: $route with $fault',
    async ({ route, call, fault, reason }) => {
      // A busy machine must not turn another fault into a time-out.
      if (reason === 'timeout') client = hasty;
      simulator.control.failNext(route, fault);
      expect(await call()).toEqual({
        kind: 'unknown',
        reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
      });
    },
  );

  it.each(calls.filter(([route]) => route !== 'close'))(
    'is unknown when the answer of %s is cut short',
    async (route, call) => {
      for (const kind of ['truncated', 'empty'] as const) {
        simulator.control.failNext(route, { kind });
        expect(await call()).toMatchObject({ kind: 'unknown' });
      }
    },
  );

  it.each(calls)('is a later repeat when %s is asked too often', async (route, call) => {
    simulator.control.failNext(route, { kind: 'error', status: 429 });
    expect(await call()).toEqual({ kind: 'retry', code: 'FREQUENCY_LIMITED' });
  });

  it('is unknown when a bill arrives damaged, and a later repeat while WeChat is still making it', async () => {
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    simulator.control.failNext('billdownload', { kind: 'truncated' });
    expect(await client.tradeBill(today)).toEqual({ kind: 'unknown', reason: 'bill hash' });
    simulator.control.failNext('billdownload', { kind: 'drop_after' });
    expect(await client.tradeBill(today)).toEqual({ kind: 'unknown', reason: 'network' });
    simulator.control.failNext('tradebill', { kind: 'error', status: 400, code: 'STATEMENT_CREATING' });
    expect(await client.tradeBill(today)).toEqual({ kind: 'retry', code: 'STATEMENT_CREATING' });
    expect(await client.tradeBill(today)).toMatchObject({ kind: 'ok' });
  });

  it('tells a system error of a refund (repeat it) from one of other calls (unknown)', async () => {
    simulator.control.failNext('any', { kind: 'error', status: 500 }, 2);
    expect(await refund(newNumber('R'))).toEqual({ kind: 'retry', code: 'SYSTEM_ERROR' });
    expect(await client.queryByOutTradeNo(outTradeNo)).toEqual({ kind: 'unknown', reason: 'SYSTEM_ERROR' });
  });

  it('is final when a signed answer says so, whatever the status', async () => {
    simulator.control.failNext('prepay_jsapi', { kind: 'error', status: 500, code: 'OPENID_MISMATCH' });
    expect(await prepay(newNumber())).toMatchObject({ kind: 'refused', code: 'OPENID_MISMATCH', status: 500 });
  });

  it('takes effect once when the answer was lost and the same call is repeated', async () => {
    const outRefundNo = newNumber('R');
    simulator.control.failNext('refund', { kind: 'drop_after' });
    expect(await refund(outRefundNo)).toEqual({ kind: 'unknown', reason: 'network' });
    expect(await client.queryRefund(outRefundNo)).toMatchObject({ kind: 'ok' });
    expect(await refund(outRefundNo)).toMatchObject({ kind: 'ok' });
    expect(simulator.control.books().refunds.filter((one) => one.outTradeNo === paidNo)).toHaveLength(1);

    const lost = newNumber();
    simulator.control.failNext('prepay_jsapi', { kind: 'drop_after' });
    expect(await prepay(lost)).toEqual({ kind: 'unknown', reason: 'network' });
    expect(await prepay(lost)).toMatchObject({ kind: 'ok' });
    const bodies = simulator.control.calls('prepay_jsapi').filter((call) => call.body.includes(lost));
    expect(bodies).toHaveLength(2);
    expect(bodies[0]?.body).toBe(bodies[1]?.body);
  });

  it('is unknown when somebody on the way plays back the signed answer about another order', async () => {
    const config = payConfig(simulator, NOTIFY, 'both');
    const target = `/v3/pay/transactions/out-trade-no/${paidNo}?mchid=${simulator.keys.mchId}`;
    const genuine = await fetch(simulator.url + target, {
      headers: { authorization: new MerchantSigner(config.pay!, Date.now).authorization('GET', target, '') },
    });
    const [headers, body] = [Object.fromEntries(genuine.headers), Buffer.from(await genuine.arrayBuffer())];
    const thief = createServer((_request, response) => response.writeHead(200, headers).end(body));
    thief.listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const baseUrl = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
    const other = new WechatPayClient({
      ...config,
      pay: { ...config.pay!, baseUrl, publicKeyId: simulator.keys.platformSerial, publicKey: platformPublicKey() },
    });
    expect(await other.queryByOutTradeNo(paidNo)).toMatchObject({ kind: 'ok' });
    expect(await other.queryByOutTradeNo(outTradeNo)).toEqual({ kind: 'unknown', reason: 'malformed' });
    thief.closeAllConnections();
    thief.close();
  });

  it('is unknown when our own key, serial or clock is wrong: the refusal of a bad signature is unsigned', async () => {
    const config = payConfig(simulator, NOTIFY, 'public-key');
    const pay = config.pay!;
    const other = await createSimulatorKeys();
    for (const wrong of [{ privateKey: other.merchantPrivateKey }, { serialNo: 'ABCDEF01' }, { mchId: '1900000002' }]) {
      const stranger = await startedClient({ ...config, pay: { ...pay, ...wrong } });
      expect(await stranger.probe()).toEqual({
        kind: 'unknown',
        reason: expect.stringMatching(/^missing_header, HTTP 401 SIGN_ERROR/),
      });
    }
    const late = await startedClient(config, () => Date.now() - 301_000);
    expect(await late.probe()).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('SIGN_ERROR') });
  });

  it('is unknown when the key we verify with is not the one WeChat signs with', async () => {
    const config = payConfig(simulator, NOTIFY, 'public-key');
    const other = await createSimulatorKeys();
    const stranger = await startedClient({ ...config, pay: { ...config.pay!, publicKey: other.publicKey } });
    expect(await stranger.probe()).toEqual({ kind: 'unknown', reason: expect.stringMatching(/^bad_signature/) });
  });

  it('sends nothing before there is a key to verify the answer with', async () => {
    const config = payConfig(simulator, NOTIFY, 'certificate');
    simulator.control.failNext('certificates', { kind: 'drop_before' });
    const keyless = await startedClient(config);
    simulator.control.clearCalls();
    expect(await keyless.probe()).toEqual({ kind: 'unavailable', reason: 'no_verification_key' });
    expect(simulator.control.calls()).toHaveLength(0);
  });

  it.each<CallFault>([
    { kind: 'unsigned' },
    { kind: 'wrong_key' },
    { kind: 'wrong_serial' },
    { kind: 'skewed' },
    { kind: 'truncated' },
  ])('takes no certificates from an answer that is $kind', async (fault) => {
    simulator.control.failNext('certificates', fault);
    const client = await startedClient(payConfig(simulator, NOTIFY, 'certificate'));
    expect(client.verificationSerials()).toEqual([]);
  });

  it('takes no certificates that another APIv3 key sealed, and does while both keys are configured', async () => {
    const config = payConfig(simulator, NOTIFY, 'certificate');
    const [right, wrong] = [simulator.keys.apiV3Key, 'x'.repeat(32)];
    const stranger = await startedClient({ ...config, pay: { ...config.pay!, apiV3Keys: [wrong] } });
    expect(stranger.verificationSerials()).toEqual([]);
    const changing = await startedClient({ ...config, pay: { ...config.pay!, apiV3Keys: [wrong, right] } });
    expect(changing.verificationSerials()).toEqual([simulator.keys.platformSerial]);
  });

  it('starts with the public key when there are no certificates to download', async () => {
    simulator.control.failNext('certificates', { kind: 'error', status: 404, code: 'RESOURCE_NOT_EXISTS' });
    const modern = await startedClient(payConfig(simulator, NOTIFY, 'both'));
    expect(modern.verificationSerials()).toEqual([simulator.keys.publicKeyId]);
    expect(await modern.probe()).toMatchObject({ kind: 'ok' });
  });

  it('answers at once while WeChat is known to be away, and recovers by itself', async () => {
    simulator.control.failNext('query', { kind: 'drop_before' }, null);
    const lanes = ['other', 'payment', 'jobs'] as const;
    const storm = await Promise.all(
      lanes.flatMap((lane) => Array.from({ length: 100 }, () => patient.queryByOutTradeNo(outTradeNo, { lane }))),
    );
    expect(storm.filter((one) => one.kind === 'unknown')).toHaveLength(64);
    expect(storm.filter((one) => one.kind === 'unavailable')).toHaveLength(236);
    expect(await patient.queryByOutTradeNo(outTradeNo)).toEqual({ kind: 'unavailable', reason: 'overloaded' });
    simulator.control.clearFaults();
    await elapsed(2100, async () => expect(await patient.queryByOutTradeNo(outTradeNo)).toMatchObject({ kind: 'ok' }));
  });
});
