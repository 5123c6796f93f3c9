import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { wrong } from '../../support/refusals.js';
import { WEB_ENV, WebClient } from '../../support/web.js';

interface Row {
  readonly id: number;
  readonly product: number;
  readonly num: number;
}

describeMall('web: 购物车相关', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  let client: WebClient & { userId: number };
  let pork: number;
  let beef: number;

  beforeAll(async () => {
    pork = await mall.product(merchant, { price: 1.5, title: 'pork' });
    beef = await mall.product(merchant, { title: 'beef' });
  });
  beforeEach(async () => {
    client = await WebClient.signUp(app);
  });

  const add = async (productId: unknown) =>
    (await client.post('/cart', { product_id: productId })).body as { code: number };
  const rows = async (query = {}) => (await client.get('/cart', query)).body.data as Row[];
  const counts = async () => (await rows()).map(({ product, num }) => [product, num]);

  it('POST /cart adds one piece and answers {code: 0}', async () => {
    expect(await add(pork)).toEqual({ code: 0 });
    expect(await add(String(pork))).toEqual({ code: 0 });
    expect((await client.form('/cart', { product_id: beef })).body).toEqual({ code: 0 });
    expect(await counts()).toEqual([
      [pork, 2],
      [beef, 1],
    ]);
  });

  it('GET /cart answers every documented key, and product_id', async () => {
    await add(pork);
    const { body } = await client.get('/cart');
    expect(body).toEqual({
      code: 0,
      data: [
        {
          id: expect.any(Number),
          uid: client.userId,
          product: pork,
          product_id: pork,
          product_name: 'pork',
          product_price: 150,
          num: 1,
          create_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
          update_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        },
      ],
    });
  });

  it('GET /cart is [] when empty, and the whole cart unless from or length are given', async () => {
    expect(await rows()).toEqual([]);
    for (const id of [pork, beef]) await add(id);
    expect((await rows({ from: 1 })).map(({ product }) => product)).toEqual([beef]);
    expect((await rows({ length: 1 })).map(({ product }) => product)).toEqual([pork]);
    for (const query of [{ length: 0 }, { from: -1 }, { length: 'x' }]) {
      expect((await client.get('/cart', query)).body.code).toBe(10005);
    }
  });

  it('POST /cart is 10001 for one product more than 200, while pieces of those in the cart may come', async () => {
    const buyer = await app.login('a-full-cart');
    await mall.crowdCart(buyer, merchant, 199);
    const push = async (product_id: number) =>
      (await app.post('/cart', { product_id }, buyer.token)).body as { code: number };
    expect(await push(pork)).toEqual({ code: 0 });
    expect(await push(beef)).toMatchObject({ code: 10001 });
    expect(await push(pork)).toEqual({ code: 0 });
    const lines = (await app.get('/cart', {}, buyer.token)).body.data as Row[];
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)).toMatchObject({ product: pork, num: 2 });
  });

  it('is the one cart of the account on every wire', async () => {
    const { token } = await app.login('cart-of-both');
    await app.post('/api/v1/cart/addProduct', { productId: pork }, token).expect(200);
    expect((await app.get('/cart', {}, token)).body.data).toMatchObject([{ product: pork, num: 1 }]);
    await app.post('/cart', { product_id: pork }, token);
    const reply = await app.get('/api/v1/cart/userProducts', {}, token);
    expect(reply.body.data.Products).toMatchObject([{ id: pork, count: 2 }]);
  });

  it('shows the own cart, whatever the query says', async () => {
    await add(pork);
    const other = await WebClient.signUp(app);
    expect((await other.get('/cart', { uid: client.userId, user_id: client.userId })).body.data).toEqual([]);
  });

  it('refuses an unknown product with 10002, an unlisted one with 10001, a bad id with 10005', async () => {
    const gone = await mall.product(merchant);
    await mall.unlist(merchant, gone);
    expect((await add(999_999)).code).toBe(10002);
    expect((await add(gone)).code).toBe(10001);
    for (const id of [...wrong.id, undefined]) expect([id, (await add(id)).code]).toEqual([id, 10005]);
    expect(await rows()).toEqual([]);
  });

  it('keeps a product that has left the shop', async () => {
    const leaving = await mall.product(merchant);
    await add(leaving);
    await mall.unlist(merchant, leaving);
    expect(await counts()).toEqual([[leaving, 1]]);
  });

  it('adds exactly 20 pieces in 20 parallel clicks, and never more than 9999', async () => {
    await Promise.all(Array.from({ length: 20 }, () => add(pork)));
    expect(await counts()).toEqual([[pork, 20]]);
    const [line] = await rows();
    await client.post('/cart/update', { cart_id: line.id, num: 9999 });
    expect((await add(pork)).code).toBe(10001);
    expect(await counts()).toEqual([[pork, 9999]]);
  });

  describe('POST /cart/update and /cart/delete (beyond the document)', () => {
    let line: Row;
    beforeEach(async () => {
      await add(pork);
      [line] = await rows();
    });

    it('set the number, and remove the line at 0 and at delete', async () => {
      expect((await client.post('/cart/update', { cart_id: line.id, num: 7 })).body).toEqual({ code: 0 });
      expect(await counts()).toEqual([[pork, 7]]);
      expect((await client.post('/cart/update', { cart_id: line.id, num: 0 })).body).toEqual({ code: 0 });
      expect(await rows()).toEqual([]);
      await add(beef);
      const [other] = await rows();
      expect((await client.post('/cart/delete', { cart_id: other.id })).body).toEqual({ code: 0 });
      expect(await rows()).toEqual([]);
    });

    it("answer 10002 for a missing line and for another's", async () => {
      const thief = await WebClient.signUp(app);
      for (const [caller, id] of [
        [thief, line.id],
        [client, 999_999],
      ] as const) {
        expect((await caller.post('/cart/update', { cart_id: id, num: 1 })).body.code).toBe(10002);
        expect((await caller.post('/cart/delete', { cart_id: id })).body.code).toBe(10002);
      }
      expect(await counts()).toEqual([[pork, 1]]);
    });

    it('answer 10005 for a bad number or id', async () => {
      for (const num of [-1, 1.5, 10_000, 2 ** 31, '1e2', null, [], {}, true, undefined]) {
        expect((await client.post('/cart/update', { cart_id: line.id, num })).body.code).toBe(10005);
      }
      for (const id of [...wrong.id, undefined]) {
        expect((await client.post('/cart/update', { cart_id: id, num: 1 })).body.code).toBe(10005);
        expect((await client.post('/cart/delete', { cart_id: id })).body.code).toBe(10005);
      }
      expect(await counts()).toEqual([[pork, 1]]);
    });
  });

  it('answers 10003 without a login', async () => {
    const nobody = new WebClient(app);
    for (const reply of [
      await nobody.get('/cart'),
      await nobody.post('/cart', { product_id: pork }),
      await nobody.post('/cart/update', { cart_id: 1, num: 1 }),
      await nobody.post('/cart/delete', { cart_id: 1 }),
    ]) {
      expect([reply.status, reply.body.code]).toEqual([200, 10003]);
    }
  });

  it('answers 405 with Allow to HEAD', async () => {
    const reply = await client.head('/cart');
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, POST']);
  });
});
