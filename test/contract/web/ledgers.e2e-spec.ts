import { beforeAll, expect, it } from '@jest/globals';
import request from 'supertest';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { grant, WEB_ENV, WebClient } from '../../support/web.js';

describeMall('web: 消费记录相关', { env: WEB_ENV, clock: new TestClock() }, ({ app }) => {
  let client: WebClient & { userId: number };
  beforeAll(async () => {
    client = await WebClient.signUp(app);
    for (const amount of [100, 200, 300]) await grant(app, client.userId, 'CNY', amount);
    await grant(app, client.userId, 'COUPON', 50);
  });

  const ledgers = async (query: object) =>
    (await client.get('/ledgers', query)).body as { code: number; data: { money: number }[] };

  it('GET /ledgers answers every documented key; a grant has its reason as name and item_id 0', async () => {
    expect(await ledgers({ type: 1 })).toEqual({
      code: 0,
      data: [
        {
          id: expect.any(Number),
          uid: client.userId,
          name: '开业活动',
          money: 50,
          type: '1',
          item_id: 0,
          create_at: '2026-01-15 12:00:00',
          update_at: '2026-01-15 12:00:00',
        },
      ],
    });
  });

  it('is newest first and paged by from and length (beyond the document)', async () => {
    const money = async (query: object) => (await ledgers({ type: 0, ...query })).data.map((entry) => entry.money);
    expect(await money({})).toEqual([300, 200, 100]);
    expect(await money({ from: 1, length: 1 })).toEqual([200]);
    expect(await money({ from: 3 })).toEqual([]);
  });

  it('agrees with the balance and coupon of GET /user', async () => {
    expect((await client.get('/user')).body.data).toMatchObject({ balance: 600, coupon: 50 });
  });

  it('is the own ledger, whatever the query says, and [] without any entry', async () => {
    const other = await WebClient.signUp(app);
    for (const type of [0, 1]) {
      expect((await other.get('/ledgers', { type, uid: client.userId, user_id: client.userId })).body.data).toEqual([]);
    }
  });

  it.each([
    {},
    { type: 2 },
    { type: -1 },
    { type: "0'" },
    { type: '' },
    { type: '00' },
    { type: 0, length: 0 },
    { type: 0, from: -1 },
  ])('answers 10005 to %j', async (query) => {
    expect((await ledgers(query)).code).toBe(10005);
  });

  it('answers 10003 without a login, 404 to PUT, POST and DELETE, 405 to HEAD', async () => {
    expect((await new WebClient(app).get('/ledgers', { type: 0 })).body.code).toBe(10003);
    for (const method of ['put', 'post', 'delete'] as const) {
      const reply = await request(app.url)[method]('/ledgers?type=0').set('Cookie', `session=${client.cookie}`);
      expect([reply.status, reply.body.code]).toEqual([404, 10001]);
    }
    expect((await client.head('/ledgers?type=0')).status).toBe(405);
  });
});
