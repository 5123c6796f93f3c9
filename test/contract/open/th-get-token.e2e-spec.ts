import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import type { OpenReply, Values } from '../../support/linkv-client.js';
import { accepted, partnerOf } from '../../support/open.js';

describeMall('open: 1. thGetToken', ({ app }) => {
  const partner = partnerOf(app);

  const refused = ({ http, text }: OpenReply, naming = '') =>
    expect({ http, ...(JSON.parse(text) as object) }).toEqual({
      http: 200,
      status: '400',
      msg: expect.stringContaining(naming),
      data: [],
    });

  it('answers open id, token, userId and aid', async () => {
    const data = accepted(await partner.thGetToken({ userId: 'ann', aid: 'd-1' }));
    expect(data).toEqual({
      token: expect.stringMatching(/^.{20,256}$/),
      userId: 'ann',
      aid: 'd-1',
      openId: expect.stringMatching(/^[1-9]\d{19}$/),
    });
  });

  it('answers the same open id and a new token each time, and keeps no token', async () => {
    const first = accepted(await partner.thGetToken({ userId: 'bob' }))!;
    const second = accepted(await partner.thGetToken({ userId: 'bob', aid: 'd-2', name: 'Robert' }))!;
    expect(second['openId']).toBe(first['openId']);
    expect(second['token']).not.toBe(first['token']);
    const [row] = await app.rows<Record<string, unknown>>('SELECT * FROM linkv_users WHERE user_id = ?', ['bob']);
    expect(row).toMatchObject({ aid: 'd-2', name: 'Robert', portrait: 'https://a.example/p.png' });
    expect(JSON.stringify(row)).not.toContain(second['token']);
  });

  it('tells two user ids apart by letter case', async () => {
    expect(await partner.openId({ userId: 'case' })).not.toBe(await partner.openId({ userId: 'CASE' }));
  });

  it('makes one user of twenty first requests at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => partner.openId({ userId: 'twenty' })));
    expect(new Set(ids).size).toBe(1);
  });

  it('requires name and portraitUri of a new user only', async () => {
    refused(await partner.thGetToken({ userId: 'new', name: '' }));
    refused(await partner.thGetToken({ userId: 'new', portraitUri: '' }));
    const openId = await partner.openId({ userId: 'new' });
    expect(await partner.openId({ userId: 'new', name: '', portraitUri: '' })).toBe(openId);
    const [row] = await app.rows<{ name: string }>('SELECT name FROM linkv_users WHERE user_id = ?', ['new']);
    expect(row.name).toBe('Ann');
  });

  it('requires userId and aid', async () => {
    refused(await partner.thGetToken({ userId: '' }), 'userId');
    refused(await partner.thGetToken({ aid: '' }), 'aid');
  });

  it.each<[string, Values]>([
    ['a userId of 65 bytes', { userId: 'u'.repeat(65) }],
    ['a userId with a space', { userId: 'a b' }],
    ['a userId with a letter beyond ASCII', { userId: 'ü' }],
    ['a name of 129 bytes', { name: '名'.repeat(43) }],
    ['a portraitUri of 1025 bytes', { portraitUri: 'p'.repeat(1025) }],
    ['an aid of 129 bytes', { aid: 'a'.repeat(129) }],
    ['an email of 129 bytes', { email: 'e'.repeat(129) }],
    ['a sex that is none', { sex: 2 }],
    ['a name that spells another parameter', { name: 'x&userId=root' }],
    ['an aid that spells the key', { aid: 'x&key=1' }],
    ['a NUL', { name: 'a\0b' }],
  ])('refuses %s and makes no user', async (_, values) => {
    const { userId = 'refused' } = values;
    refused(await partner.thGetToken({ userId, ...values }), '');
    expect(await app.rows('SELECT open_id FROM linkv_users WHERE user_id = ?', [String(userId)])).toEqual([]);
  });

  it('takes the longest values, every allowed character, and a picture with a query', async () => {
    accepted(
      await partner.thGetToken({
        userId: `aZ09+=_-${'u'.repeat(56)}`,
        name: '名'.repeat(42),
        portraitUri: `https://a.example/p?w=1&h=2&n=${'p'.repeat(990)}`,
        aid: 'a'.repeat(128),
        email: 'e'.repeat(128),
        countryCode: 'US',
        birthday: '2010-01-01',
        sex: 0,
      }),
    );
  });
});
