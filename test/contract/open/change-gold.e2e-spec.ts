import { beforeEach, describe, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import type { Values } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

const clock = new TestClock();

describeMall('open: 3. changeGold', { clock }, ({ app }) => {
  const partner = partnerOf(app, clock);
  let uid: string;

  beforeEach(async () => {
    uid = await partner.openId();
  });

  const add = (value: number | string, values: Values = {}) => partner.changeGold(uid, 1, value, values);
  const take = (value: number | string, values: Values = {}) => partner.changeGold(uid, 2, value, values);
  const holds = (coins: number) => expectCoins(app, partner, uid, coins);

  it('adds and takes, and answers without data', async () => {
    const reply = await add(500, { reason: '签到 & 奖励' });
    expect(JSON.parse(reply.text)).toEqual({ msg: '', status: '200' });
    accepted(reply);
    await holds(500);
    accepted(await take(200));
    await holds(300);
    accepted(await take(300));
    await holds(0);
  });

  it('refuses more than there is, and nothing moves', async () => {
    accepted(await add(10));
    refusedOpen(await take(11), '400', 'insufficient balance');
    await holds(10);
  });

  it('lets a refused request_id be used again', async () => {
    const request = { request_id: partner.requestId() };
    refusedOpen(await take(5, request), '400');
    accepted(await add(5, request));
    await holds(5);
  });

  it.each<[string, Values]>([
    ['a value below zero', { value: '-5' }],
    ['a value of zero', { value: '0' }],
    ['a broken value', { value: '1.5' }],
    ['an exponent', { value: '1e3' }],
    ['a space before the value', { value: ' 5' }],
    ['a plus sign', { value: '+5' }],
    ['a hexadecimal value', { value: '0x5' }],
    ['an Arabic digit', { value: '٥' }],
    ['a value past 10^12', { value: '1000000000001' }],
    ['10^19', { value: '10000000000000000000' }],
    ['10 000 digits', { value: '9'.repeat(10_000) }],
    ['an empty value', { value: '' }],
    ['type 3', { type: 3 }],
    ['type 0', { type: '0' }],
    ['a request_id with a space', { request_id: 'a b' }],
    ['a request_id of 65 characters', { request_id: 'a'.repeat(65) }],
    ['an empty request_id', { request_id: '' }],
    ['a request_id that spells another parameter', { request_id: 'r-1&type=1' }],
    ['a reason that spells another parameter', { reason: 'gift&value=9' }],
    ['a reason of 256 bytes', { reason: `${'金'.repeat(85)}x` }],
    ['a reason with a NUL', { reason: 'a\0b' }],
    ['an expiry in the past', { expriation: '1600000000' }],
    ['an expiry of 0', { expriation: '0' }],
    ['an expiry in words', { expriation: 'never' }],
    ['an expiry below zero', { expriation: '-1' }],
    ['an expiry of 21 digits', { expriation: '1'.repeat(21) }],
    ['an unknown uid', { uid: '12345678901234567890' }],
    ['a uid of 65 characters', { uid: '1'.repeat(65) }],
    ['a uid of letters', { uid: 'abc' }],
  ])('refuses %s with 400, and nothing moves', async (_, values) => {
    refusedOpen(await add(7, values), '400');
    await holds(0);
  });

  it.each(['uid', 'request_id', 'type', 'value', 'expriation'])('requires %s', async (name) => {
    const { [name]: _, ...rest } = {
      uid,
      request_id: partner.requestId(),
      type: 1,
      value: 7,
      expriation: partner.expriation(),
    } as Values;
    expect(refusedOpen(await partner.send('/open/finanv0/changeGold', rest), '400')).toContain(name);
    await holds(0);
  });

  it('takes the largest value, a reason of 255 bytes and a request_id of 64 characters', async () => {
    accepted(await add('1000000000000', { reason: '金'.repeat(85), request_id: 'aZ0_.:-'.padEnd(64, 'x') }));
    await holds(1_000_000_000_000);
  });

  it('refuses a balance beyond 2^53 - 1', async () => {
    accepted(await add(1));
    await app.tamper('UPDATE ledger_accounts SET balance = ? WHERE address = ?', [
      Number.MAX_SAFE_INTEGER - 5,
      `linkv:${uid}:gold`,
    ]);
    refusedOpen(await add(6), '400');
    accepted(await add(5));
    await app.tamper('UPDATE ledger_accounts SET balance = ? WHERE address = ?', [6, `linkv:${uid}:gold`]);
    await holds(6);
  });

  it('reads the expiry on a debit, and does not use it', async () => {
    accepted(await add(5));
    accepted(await take(1, { expriation: '1600000000' }));
    accepted(await take(1, { expriation: '0' }));
    refusedOpen(await take(1, { expriation: 'x' }), '400');
    await holds(3);
  });

  describe('request_id', () => {
    it('has one effect however often the identical request is sent', async () => {
      accepted(await add(500));
      const signed = partner.signed({
        uid,
        request_id: partner.requestId(),
        type: 2,
        value: 200,
        expriation: partner.expriation(),
      });
      for (let time = 0; time < 3; time += 1) accepted(await partner.send('/open/finanv0/changeGold', signed));
      await holds(300);
    });

    it('has one effect with a new nonce and signature too, even when the coins would have expired meanwhile', async () => {
      const same = { request_id: partner.requestId(), expriation: partner.expriation(60 / 86_400) };
      accepted(await add(5, same));
      clock.advance(61_000);
      accepted(await add(5, same));
      expect(await partner.tokens(uid)).toBe('0');
    });

    it('answers a repeated debit although the coins are gone', async () => {
      accepted(await add(5));
      const same = { request_id: partner.requestId(), expriation: partner.expriation() };
      accepted(await take(5, same));
      accepted(await take(5, same));
      await holds(0);
    });

    it.each<[string, (other: string) => Values]>([
      ['another value', () => ({ value: 6 })],
      ['the other type', () => ({ type: 2 })],
      ['another user', (other) => ({ uid: other })],
      ['another expiry', () => ({ expriation: '1999999999' })],
      ['a reason more', () => ({ reason: 'gift' })],
      ['an unknown parameter more', () => ({ extra: 'x' })],
    ])('is refused with %s', async (_, change) => {
      const other = await partner.openId();
      const same = { request_id: partner.requestId(), expriation: partner.expriation() };
      accepted(await add(5, same));
      refusedOpen(await add(5, { ...same, ...change(other) }), '400');
      await holds(5);
      await expectCoins(app, partner, other, 0);
    });

    it('is refused on the other route', async () => {
      const same = { request_id: partner.requestId(), expriation: partner.expriation() };
      accepted(await add(5, same));
      refusedOpen(await partner.orderSuccess(uid, 1, 5, same), '400');
      await holds(5);
    });
  });
});
