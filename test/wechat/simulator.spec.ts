import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import { createSimulatorKeys, loadOrCreateSimulatorKeys } from '../../src/simulator/keys.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { newNumber, OPENID, payConfig, startedClient, startWechat } from './support.js';

const NOTIFY = 'http://127.0.0.1:9/notify';

describe('what the simulator keeps in its folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is one set of keys, even when several processes make them at once, readable by the owner only', async () => {
    const kept = join(folder, 'keys');
    const sets = await Promise.all([1, 2, 3].map(() => loadOrCreateSimulatorKeys(kept)));
    expect(sets[1]).toEqual(sets[0]);
    expect(sets[2]).toEqual(sets[0]);
    expect(await loadOrCreateSimulatorKeys(kept)).toEqual(sets[0]);
    expect(statSync(join(kept, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  it('is a platform certificate whose serial and key fit', async () => {
    const keys = await createSimulatorKeys();
    const certificate = new X509Certificate(keys.platformCertificate);
    expect(certificate.serialNumber).toBe(keys.platformSerial);
    expect(keys.platformSerial).toMatch(/^[0-9A-F]{40}$/);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 4 * 365 * 86_400_000);
  });

  it('is what users paid, so that a restarted mall finds its payments', async () => {
    const books = join(folder, 'books');
    const first = await startWechat({ folder: books });
    const client = await startedClient(payConfig(first, NOTIFY, 'both'));
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(100), openid: OPENID });
    const paid = first.control.pay({ outTradeNo });
    const refund = { outTradeNo, outRefundNo: newNumber('R'), refund: fen(100), total: fen(100) };
    await client.refund(refund);
    await first.close();
    const second = await startWechat({ folder: books });
    const later = await startedClient(payConfig(second, NOTIFY, 'both'));
    if (!paid.ok) throw new Error(paid.reason);
    expect(await later.queryByOutTradeNo(outTradeNo)).toMatchObject({ kind: 'ok', value: { outTradeNo } });
    await second.control.idle(200);
    expect(await later.queryRefund(refund.outRefundNo)).toMatchObject({ kind: 'ok', value: { status: 'SUCCESS' } });
    await second.close();
  });
});

describe('the control API', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startWechat();
  });
  afterAll(() => simulator.close());

  async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<[number, unknown]> {
    const reply = await fetch(`${simulator.url}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return [reply.status, await reply.json()];
  }

  async function get(path: string): Promise<unknown> {
    return (await fetch(`${simulator.url}/_control/${path}`)).json();
  }

  it('issues codes, pays, refuses, plants faults and tells the books', async () => {
    const client = await startedClient(payConfig(simulator, NOTIFY, 'both'));
    const outTradeNo = newNumber();
    await client.prepayJsapi({ outTradeNo, description: '商品', total: fen(100), openid: OPENID });
    expect(await get('ping')).toEqual({ simulator: true });
    expect(await post('login-code', { openid: 'oX' })).toEqual([200, { code: expect.any(String) }]);
    expect(await post('refuse', { outTradeNo })).toEqual([200, { ok: true }]);
    expect(await post('fault', { on: 'query', fault: { kind: 'unsigned' } })).toEqual([200, { ok: true }]);
    expect(await client.queryByOutTradeNo(outTradeNo)).toMatchObject({ kind: 'unknown' });
    expect(await post('pay', { outTradeNo })).toMatchObject([200, { ok: true, outTradeNo }]);
    expect(await get('books')).toMatchObject({
      trades: [{ outTradeNo, state: 'SUCCESS', openid: OPENID }],
      refunds: [],
    });
    expect(await get('calls?route=query')).toMatchObject([{ route: 'query', fault: 'unsigned', status: 200 }]);
    expect(await post('clock', { speed: 10, advance: 1 })).toEqual([200, { ok: true }]);
    expect(await post('send-notice', { outTradeNo: 'unknown' })).toEqual([400, { error: expect.any(String) }]);
    expect(await post('nothing', {})).toMatchObject([404, {}]);
    expect(await post('reset', {})).toEqual([200, { ok: true }]);
    expect(await get('books')).toEqual({ trades: [], refunds: [] });
  });

  it('does nothing for pages of other sites', async () => {
    expect(await post('reset', {}, { origin: 'https://evil.example' })).toMatchObject([403, {}]);
    expect(await post('reset', {}, { 'content-type': 'text/plain' })).toMatchObject([403, {}]);
    expect(await post('reset', {}, { origin: simulator.url })).toEqual([200, { ok: true }]);
  });

  it('shows a page without anything from elsewhere', async () => {
    const reply = await fetch(`${simulator.url}/`);
    const html = await reply.text();
    expect(reply.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('微信支付模拟器');
    expect(html).not.toMatch(/(src|href)=|https?:|@import/);
  });

  it('answers unknown paths and broken requests, and stays up', async () => {
    expect((await fetch(`${simulator.url}/v3/nothing`)).status).toBe(404);
    expect((await fetch(`${simulator.url}/v3/pay/transactions/out-trade-no/%zz?mchid=1`)).status).toBeLessThan(501);
    expect((await fetch(`${simulator.url}/v3/pay/transactions/jsapi`, { method: 'POST', body: '{' })).status).toBe(415);
    expect((await fetch(`${simulator.url}/v3/certificates`)).status).toBe(401);
    expect(await get('ping')).toEqual({ simulator: true });
  });
});
