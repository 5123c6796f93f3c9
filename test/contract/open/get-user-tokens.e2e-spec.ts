import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { encode } from '../../support/linkv-client.js';
import { accepted, partnerOf, refusedOpen } from '../../support/open.js';

const PATH = '/open/finanv0/getUserTokens';

describeMall('open: 4. getUserTokens', ({ app }) => {
  const partner = partnerOf(app);

  it('answers 0 for a new user, as text and under both names, by POST and by GET', async () => {
    const values = partner.signed({ uid: await partner.openId() });
    for (const reply of [
      await partner.raw('POST', PATH, encode(values)),
      await partner.raw('GET', `${PATH}?${encode(values)}`),
    ]) {
      expect(JSON.parse(reply.text)).toEqual({ data: { tokens: '0', livemeTokens: '0' }, msg: '', status: '200' });
      accepted(reply);
    }
  });

  it('answers a large balance digit by digit', async () => {
    const uid = await partner.openId();
    for (let time = 0; time < 3; time += 1) accepted(await partner.changeGold(uid, 1, '1000000000000'));
    accepted(await partner.changeGold(uid, 1, 1));
    expect(await partner.tokens(uid)).toBe('3000000000001');
  });

  it.each([
    ['an unknown uid', '12345678901234567890'],
    ['a uid of 65 characters', '1'.repeat(65)],
    ['a uid that is no number', '1e5'],
    ['an empty uid', ''],
  ])('refuses %s and creates nothing', async (_, uid) => {
    const count = async () => (await app.rows('SELECT open_id FROM linkv_users')).length;
    const before = await count();
    refusedOpen(await partner.getUserTokens(uid), '400');
    refusedOpen(await partner.as('go').getUserTokens(uid), '400');
    expect(await count()).toBe(before);
    expect(await app.rows('SELECT id FROM ledger_accounts WHERE address = ?', [`linkv:${uid}:gold`])).toEqual([]);
  });
});
