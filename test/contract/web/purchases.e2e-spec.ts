import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { OrderStatus } from '../../../src/modules/orders/order-status.js';
import { describeMall } from '../../support/stage.js';
import { hostile, MINI_PROGRAM_APP, miniProgramPage, startSession } from '../../support/browsers.js';
import { numberOf } from '../../support/order-status.js';
import { grant, WEB_ENV, WebClient } from '../../support/web.js';

const KEYS = ['id', 'name', 'description', 'icon', 'shop_id', 'price', 'create_at', 'update_at'];
const PRICE = 435;

describeMall('web: /product/{id}/with_balance and /with_coupon', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  let client: WebClient & { userId: number };
  let product: number;

  beforeEach(async () => {
    client = await WebClient.signUp(app);
    product = await mall.product(merchant, { price: PRICE / 100, title: 'pork', stock: 50 });
  });

  const path = (channel = 'balance', id: unknown = product) => `/product/${String(id)}/with_${channel}`;
  const wallet = async () => {
    const { balance, coupon } = (await client.get('/user')).body.data as { balance: number; coupon: number };
    return [balance, coupon];
  };
  const stock = async () => Number((await app.get('/api/v1/shop/product', { id: product })).body.data.stock);
  /** What the merchant has earned so far, in fen. */
  const payable = async () =>
    Math.round((await app.get('/api/v1/shop/balance', {}, merchant.token)).body.data.payable * 100);
  const orders = async () => {
    const rows = await app.rows<{ status: OrderStatus; channel: string; total: number }>(
      'SELECT status, channel, total FROM orders WHERE buyer_id = ? ORDER BY id',
      [client.userId],
    );
    return rows.map((row) => ({ ...row, status: numberOf(row.status) }));
  };
  const ledgers = async (type: 0 | 1) =>
    (await client.get('/ledgers', { type })).body.data as Record<string, unknown>[];
  /** Nothing has moved for `client` since the wallet held this. */
  const expectUntouched = async (expected: number[]) => {
    expect(await wallet()).toEqual(expected);
    expect(await orders()).toEqual([]);
    expect(await stock()).toBe(50);
  };

  it.each(['get', 'post'] as const)('%s with_balance buys one piece and answers the product', async (method) => {
    const before = await payable();
    await grant(app, client.userId, 'CNY', 1000);
    const { status, body } = await client[method](path());
    expect([status, body.code]).toEqual([200, 0]);
    expect(Object.keys(body.data as object)).toEqual(KEYS);
    expect(body.data).toMatchObject({ id: product, name: 'pork', shop_id: merchant.id, price: PRICE });
    expect(await wallet()).toEqual([1000 - PRICE, 0]);
    expect(await stock()).toBe(49);
    expect(await orders()).toEqual([{ status: 2, channel: 'balance', total: PRICE }]);
    expect((await ledgers(0))[0]).toMatchObject({ money: -PRICE, name: 'pork', item_id: product, type: '0' });
    expect(await payable()).toBe(before + PRICE);
  });

  it.each(['get', 'post'] as const)('%s with_coupon pays from the coupon', async (method) => {
    await grant(app, client.userId, 'COUPON', 1000);
    expect((await client[method](path('coupon'))).body.code).toBe(0);
    expect(await wallet()).toEqual([0, 1000 - PRICE]);
    expect(await orders()).toEqual([{ status: 2, channel: 'coupon', total: PRICE }]);
    expect(await ledgers(1)).toMatchObject([{ money: -PRICE, name: 'pork', type: '1' }, { money: 1000 }]);
    expect(await ledgers(0)).toEqual([]);
  });

  it('is the order that the buyer and the merchant see on api-v1', async () => {
    const buyer = await app.login('buyer-of-both');
    await grant(app, buyer.id, 'CNY', PRICE);
    await app.get(path(), {}, buyer.token);
    const reply = await app.get('/api/v1/order/userOrder', {}, buyer.token);
    const list = Object.values(reply.body.data as object)[0] as { now_status: number }[];
    expect(list).toHaveLength(1);
    expect(list[0].now_status).toBe(2);
  });

  it('takes the rest from the balance when the coupon is too small, and refuses when both are', async () => {
    await grant(app, client.userId, 'COUPON', 100);
    await grant(app, client.userId, 'CNY', PRICE - 101);
    expect((await client.get(path('coupon'))).body.code).toBe(10006);
    await expectUntouched([PRICE - 101, 100]);
    await grant(app, client.userId, 'CNY', 1);
    expect((await client.get(path('coupon'))).body.code).toBe(0);
    expect(await wallet()).toEqual([0, 0]);
    expect(await orders()).toEqual([{ status: 2, channel: 'mixed', total: PRICE }]);
  });

  it('never takes coupon for with_balance: 10006 and nothing changed', async () => {
    await grant(app, client.userId, 'COUPON', 10_000);
    const { status, body } = await client.get(path());
    expect([status, body.code]).toEqual([200, 10006]);
    await expectUntouched([0, 10_000]);
  });

  it('holds the coupon to COUPON_MAX_SHARE of the price, rounded down to a fen', async () => {
    const capped = await app.beside({ env: { ...WEB_ENV, COUPON_MAX_SHARE: '0.5' } });
    try {
      await grant(app, client.userId, 'COUPON', 1000);
      await grant(app, client.userId, 'CNY', 218);
      const buy = () => request(capped.url).post(path('coupon')).set('Cookie', `session=${client.cookie}`);
      expect((await buy()).body.code).toBe(0);
      expect(await wallet()).toEqual([0, 1000 - 217]);
      expect((await buy()).body.code).toBe(10006);
      expect(await wallet()).toEqual([0, 1000 - 217]);
    } finally {
      await capped.stop();
    }
  });

  it('answers 10001 for a product that is sold out or not on sale, 10002 for an unknown one, 10005 for no id', async () => {
    await grant(app, client.userId, 'CNY', 100_000);
    const soldOut = await mall.product(merchant, { stock: 0 });
    const gone = await mall.product(merchant, { price: 1 });
    await mall.unlist(merchant, gone);
    for (const channel of ['balance', 'coupon']) {
      for (const method of ['get', 'post'] as const) {
        const codes = [];
        for (const id of [soldOut, gone, 999_999, 'x', '0', '1.5', '1e2', '-1']) {
          codes.push((await client[method](path(channel, id))).body.code);
        }
        expect(codes).toEqual([10001, 10001, 10002, 10005, 10005, 10005, 10005, 10005]);
      }
    }
    await expectUntouched([100_000, 0]);
  });

  it('answers 10003 without a login', async () => {
    for (const channel of ['balance', 'coupon']) {
      for (const method of ['get', 'post'] as const) {
        const { status, body } = await new WebClient(app)[method](path(channel));
        expect([status, body.code]).toEqual([200, 10003]);
      }
    }
  });

  it('never buys for HEAD: 405 with Allow', async () => {
    await grant(app, client.userId, 'CNY', 1000);
    for (const channel of ['balance', 'coupon']) {
      const reply = await client.head(path(channel));
      expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, POST']);
    }
    await expectUntouched([1000, 0]);
  });

  it('answers 405 with Allow: POST to the GET under UNSAFE_GET=off, and buys by POST', async () => {
    const strict = await app.beside({ env: { ...WEB_ENV, UNSAFE_GET: 'off' } });
    try {
      await grant(app, client.userId, 'CNY', 1000);
      const ask = (method: 'get' | 'head' | 'post', where: string) =>
        request(strict.url)[method](where).set('Cookie', `session=${client.cookie}`);
      for (const method of ['get', 'head'] as const) {
        for (const channel of ['balance', 'coupon']) {
          const reply = await ask(method, path(channel));
          expect([reply.status, reply.headers['allow']]).toEqual([405, 'POST']);
          if (method === 'get') expect(reply.body.code).toBe(10001);
        }
      }
      await expectUntouched([1000, 0]);
      expect((await ask('post', path())).body.code).toBe(0);
      expect((await ask('get', '/account/signout')).body.code).toBe(0);
    } finally {
      await strict.stop();
    }
  });

  it('makes no two purchases one: a second click a moment later is another purchase', async () => {
    await grant(app, client.userId, 'CNY', 1000);
    expect((await client.get(path())).body.code).toBe(0);
    expect((await client.get(path())).body.code).toBe(0);
    expect(await orders()).toHaveLength(2);
  });

  describe('with an Idempotency-Key', () => {
    it('buys once over GET and POST, five times each, and says that it repeats itself', async () => {
      await grant(app, client.userId, 'CNY', 10 * PRICE);
      const key = { 'Idempotency-Key': 'one-purchase' };
      const replies = [];
      for (let n = 0; n < 5; n += 1)
        replies.push(await client.get(path(), {}, key), await client.post(path(), {}, key));
      expect(replies.every((reply) => reply.body.code === 0)).toBe(true);
      expect(replies.map((reply) => reply.headers['idempotency-replayed'])).toEqual([
        undefined,
        ...Array.from({ length: 9 }, () => 'true'),
      ]);
      expect(new Set(replies.map((reply) => JSON.stringify(reply.body))).size).toBe(1);
      expect(await orders()).toHaveLength(1);
      expect(await wallet()).toEqual([9 * PRICE, 0]);
    });

    it('buys once under 50 parallel sends', async () => {
      await grant(app, client.userId, 'CNY', 10 * PRICE);
      const key = { 'Idempotency-Key': 'parallel' };
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 2 ? client.get(path(), {}, key) : client.post(path(), {}, key))),
      );
      expect(replies.filter((reply) => ![0, 10001].includes(Number(reply.body.code)))).toEqual([]);
      expect(await orders()).toHaveLength(1);
    });

    it('is another purchase on another path and for another caller, 10001 with other parameters, 10005 when malformed', async () => {
      await grant(app, client.userId, 'CNY', 10 * PRICE);
      await grant(app, client.userId, 'COUPON', 10 * PRICE);
      const other = await WebClient.signUp(app);
      await grant(app, other.userId, 'CNY', PRICE);
      const key = { 'Idempotency-Key': 'shared' };
      expect((await client.get(path(), {}, key)).body.code).toBe(0);
      expect((await client.get(path('coupon'), {}, key)).body.code).toBe(0);
      expect((await other.get(path(), {}, key)).body.code).toBe(0);
      expect((await client.get(path(), { gift: 1 }, key)).body.code).toBe(10001);
      expect((await client.get(path(), {}, { 'Idempotency-Key': 'x'.repeat(256) })).body.code).toBe(10005);
      expect(await orders()).toHaveLength(2);
    });

    it('does not keep a refusal: the same key buys when there is money', async () => {
      const key = { 'Idempotency-Key': 'refused-first' };
      expect((await client.get(path(), {}, key)).body.code).toBe(10006);
      await grant(app, client.userId, 'CNY', PRICE);
      expect((await client.get(path(), {}, key)).body.code).toBe(0);
    });
  });

  describe('browser rules', () => {
    it('buy for our own page, the mini program, apps and curl', async () => {
      const sets = startSession(app.url);
      await grant(app, client.userId, 'CNY', 2 * sets.length * PRICE);
      for (const [name, headers] of sets) {
        expect([name, (await client.get(path(), {}, headers)).body.code]).toEqual([name, 0]);
        expect([name, (await client.post(path(), {}, headers)).body.code]).toEqual([name, 0]);
      }
      expect(await orders()).toHaveLength(2 * sets.length);
    });

    it('refuse everything else, GET, POST and form alike, with the cookie and with a token: no charge', async () => {
      await grant(app, client.userId, 'CNY', 1000);
      const { token, id } = await app.login('buyer-with-token');
      await grant(app, id, 'CNY', 1000);
      for (const [name, headers] of hostile(app.url)) {
        const bearer = request(app.url)
          .get(path())
          .set({ ...headers, Authorization: `Bearer ${token}` });
        for (const reply of [
          await client.get(path(), {}, headers),
          await client.get(path('coupon'), {}, headers),
          await client.post(path(), {}, headers),
          await client.form(path(), { a: 1 }, headers),
          await bearer,
        ]) {
          expect([name, reply.status, reply.body.code]).toEqual([name, 200, 10001]);
        }
      }
      await expectUntouched([1000, 0]);
    });

    it("know the mini program by its Referer: another app's is refused", async () => {
      await grant(app, client.userId, 'CNY', 1000);
      const from = (appId: string) => ({ 'Sec-Fetch-Site': 'cross-site', Referer: miniProgramPage(appId) });
      expect((await client.get(path(), {}, from('wx1234567890abcdef'))).body.code).toBe(10001);
      expect((await client.get(path(), {}, from(MINI_PROGRAM_APP))).body.code).toBe(0);
    });

    it('refuse text/plain and multipart', async () => {
      await grant(app, client.userId, 'CNY', 1000);
      const post = () => request(app.url).post(path()).set('Cookie', `session=${client.cookie}`);
      expect((await post().type('text/plain').send('{}')).body.code).toBe(10005);
      expect((await post().field('a', '1')).body.code).toBe(10005);
      await expectUntouched([1000, 0]);
    });
  });

  it('lets 20 parallel clicks with money for 3 make exactly 3 purchases: stock, ledger and orders agree', async () => {
    await grant(app, client.userId, 'CNY', 3 * PRICE + 1);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? client.get(path()) : client.post(path()))),
    );
    const codes = replies.map((reply) => Number(reply.body.code)).sort((a, b) => a - b);
    expect(codes).toEqual([0, 0, 0, ...Array.from({ length: 17 }, () => 10006)]);
    expect(await wallet()).toEqual([1, 0]);
    expect(await stock()).toBe(47);
    expect(await orders()).toEqual(Array.from({ length: 3 }, () => ({ status: 2, channel: 'balance', total: PRICE })));
    expect((await ledgers(0)).filter((entry) => entry['money'] === -PRICE)).toHaveLength(3);
  });

  it.each([
    [1, 'balance', 'CNY'],
    [10, 'balance', 'CNY'],
    [10, 'coupon', 'COUPON'],
  ] as const)(
    'lets 50 parallel requests with money for %d make exactly as many purchases by %s',
    async (times, channel, asset) => {
      await grant(app, client.userId, asset, times * PRICE);
      const replies = await Promise.all(Array.from({ length: 50 }, () => client.get(path(channel))));
      expect(replies.filter((reply) => reply.body.code === 0)).toHaveLength(times);
      expect(replies.filter((reply) => reply.body.code === 10006)).toHaveLength(50 - times);
      expect(await wallet()).toEqual([0, 0]);
      expect(await stock()).toBe(50 - times);
      expect(await orders()).toHaveLength(times);
    },
  );

  it('lets 30 parallel buyers want the last 5 pieces: exactly 5 purchases, the others keep their money', async () => {
    const scarce = await mall.product(merchant, { price: PRICE / 100, stock: 5 });
    const buyers = await Promise.all(Array.from({ length: 30 }, () => WebClient.signUp(app)));
    await Promise.all(buyers.map((buyer) => grant(app, buyer.userId, 'CNY', PRICE)));
    const replies = await Promise.all(buyers.map((buyer) => buyer.get(path('balance', scarce))));
    expect(replies.filter((reply) => reply.body.code === 0)).toHaveLength(5);
    expect(replies.filter((reply) => reply.body.code === 10001)).toHaveLength(25);
    const left = await Promise.all(buyers.map(async (buyer) => Number((await buyer.get('/user')).body.data.balance)));
    expect(left.reduce((sum, balance) => sum + balance, 0)).toBe(25 * PRICE);
  });
});
