import { beforeEach, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import type { Values } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

describeMall('open: 2. orderSuccess', ({ app }) => {
  const partner = partnerOf(app);
  let uid: string;

  beforeEach(async () => {
    uid = await partner.openId();
  });

  const order = (value: number | string, values: Values = {}) => partner.orderSuccess(uid, 1, value, values);
  const holds = (coins: number) => expectCoins(app, partner, uid, coins);

  it('adds an order’s coins and answers what is left, as text and under both names', async () => {
    const reply = await order(500);
    expect(JSON.parse(reply.text)).toEqual({ data: { tokens: '500', livemeTokens: '500' }, msg: '', status: '200' });
    expect(accepted(await order(3))).toEqual({ tokens: '503', livemeTokens: '503' });
    await holds(503);
  });

  it('takes an order’s coins with type 2', async () => {
    accepted(await order(500));
    expect(accepted(await partner.orderSuccess(uid, 2, 200))).toEqual({ tokens: '300', livemeTokens: '300' });
    refusedOpen(await partner.orderSuccess(uid, 2, 301), '400', 'insufficient balance');
    await holds(300);
  });

  it('completes an order once per type, whatever the request_id', async () => {
    const same = { order_id: 'once' };
    accepted(await order(5, same));
    refusedOpen(await order(5, same), '400');
    refusedOpen(await order(6, same), '400');
    accepted(await partner.orderSuccess(uid, 2, 5, same));
    refusedOpen(await partner.orderSuccess(uid, 2, 5, same), '400');
    await holds(0);
    accepted(await order(5, { order_id: 'ONCE' }));
    await holds(5);
  });

  it('answers a repeated request with the coins of the first time', async () => {
    const same = { request_id: partner.requestId(), order_id: 'again', expriation: partner.expriation() };
    expect(accepted(await order(5, same))!['tokens']).toBe('5');
    accepted(await order(7));
    expect(accepted(await order(5, same))!['tokens']).toBe('5');
    await holds(12);
  });

  it('refuses the request_id with another order', async () => {
    const same = { request_id: partner.requestId(), expriation: partner.expriation() };
    accepted(await order(5, { ...same, order_id: 'a-1' }));
    refusedOpen(await order(5, { ...same, order_id: 'a-2' }), '400');
    await holds(5);
  });

  it('does not use an order up by a refused request', async () => {
    refusedOpen(await partner.orderSuccess(uid, 2, 5, { order_id: 'kept' }), '400');
    accepted(await order(5));
    accepted(await partner.orderSuccess(uid, 2, 5, { order_id: 'kept' }));
  });

  it.each<[string, Values]>([
    ['another channel', { channel: 'another' }],
    ['a platform that is none', { platform: 'windows' }],
    ['money below zero', { money: -1 }],
    ['broken money', { money: '0.99' }],
    ['an order_id with a slash', { order_id: 'a/b' }],
    ['an order_id of 65 characters', { order_id: 'o'.repeat(65) }],
    ['an order_id that spells another parameter', { order_id: 'o&value=9' }],
    ['an order_id with a space behind', { order_id: 'o ' }],
    ['a value of zero', { value: '0' }],
    ['an expiry in the past', { expriation: '1600000000' }],
  ])('refuses %s with 400, and nothing moves', async (_, values) => {
    refusedOpen(await order(7, values), '400');
    await holds(0);
  });

  it.each(['uid', 'request_id', 'type', 'value', 'order_id', 'expriation', 'money', 'channel', 'platform'])(
    'requires %s',
    async (name) => {
      expect(refusedOpen(await order(7, { [name]: '' }), '400')).toContain(name);
      await holds(0);
    },
  );

  it.each(['h5', 'ios', 'android'])('takes platform %s', async (platform) => {
    accepted(await order(7, { platform }));
  });

  it('keeps what was paid with the operation', async () => {
    accepted(await order(7, { order_id: 'paid', money: 1234, platform: 'h5' }));
    const rows = await app.rows('SELECT money, platform, type, value FROM linkv_operations WHERE order_id = ?', [
      'paid',
    ]);
    expect(rows).toEqual([{ money: 1234, platform: 'h5', type: 1, value: 7 }]);
  });
});

describeMall('open: LINKV_LENIENT', { env: { LINKV_LENIENT: 'true' } }, ({ app }) => {
  const partner = partnerOf(app);

  it('takes a missing order_id and expriation, as older SDKs send them; such coins never expire', async () => {
    const uid = await partner.openId();
    accepted(await partner.changeGold(uid, 1, 5, { expriation: '' }));
    accepted(await partner.orderSuccess(uid, 1, 5, { order_id: '', expriation: '' }));
    accepted(await partner.orderSuccess(uid, 1, 5, { order_id: '', expriation: '' }));
    accepted(await partner.changeGold(uid, 2, 1, { expriation: '' }));
    await expectCoins(app, partner, uid, 14);
    const lots = await app.rows<{ expires_at: number }>('SELECT DISTINCT expires_at FROM gold_lots WHERE open_id = ?', [
      uid,
    ]);
    expect(lots.map((lot) => Number(lot.expires_at))).toEqual([253_402_300_800_000]);
  });

  it('still refuses them when they are wrong', async () => {
    const uid = await partner.openId();
    refusedOpen(await partner.changeGold(uid, 1, 5, { expriation: 'x' }), '400');
    refusedOpen(await partner.orderSuccess(uid, 1, 5, { order_id: 'a b' }), '400');
    refusedOpen(await partner.changeGold(uid, 1, 5, { expriation: '0' }), '400');
  });
});
