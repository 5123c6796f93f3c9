import { beforeAll, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { WebClient } from '../../support/web.js';

const KEYS = ['id', 'name', 'description', 'icon', 'shop_id', 'price', 'create_at', 'update_at'];

const clock = new TestClock();

describeMall('web: 商品相关', { clock }, ({ app, mall, loggedIn }) => {
  const client = new WebClient(app);
  const first = loggedIn('merchant-1', 3);
  const second = loggedIn('merchant-2', 3);
  const products: number[] = [];

  beforeAll(async () => {
    products.push(await mall.product(first, { price: 4.35, title: 'A', icon: 'https://shop.example/a.png' }));
    products.push(await mall.product(second, { title: 'B' }));
    products.push(await mall.product(first, { title: 'C' }));
    await mall.unlist(first, products[2]);
  });

  const idsOf = async (query: object) =>
    ((await client.get('/products', query)).body.data as { id: number }[]).map(({ id }) => id);

  it('GET /products is public and answers every documented key: fen, Shanghai time', async () => {
    const { status, body } = await client.get('/products', { shop_id: first.id });
    expect(status).toBe(200);
    expect(body).toEqual({
      code: 0,
      data: [
        {
          id: products[0],
          name: 'A',
          description: '过期的猪小排。',
          icon: 'https://shop.example/a.png',
          shop_id: first.id,
          price: 435,
          create_at: '2026-01-15 12:00:00',
          update_at: '2026-01-15 12:00:00',
        },
      ],
    });
    expect(Object.keys(body.data[0] as object)).toEqual(KEYS);
  });

  it('lists what is on sale, newest first, of all shops for 0 and for no shop_id', async () => {
    expect(await idsOf({})).toEqual([products[1], products[0]]);
    expect(await idsOf({ shop_id: 0 })).toEqual([products[1], products[0]]);
    expect(await idsOf({ shop_id: second.id })).toEqual([products[1]]);
    expect(await idsOf({ shop_id: 999_999 })).toEqual([]);
  });

  it('pages by from and length (beyond the document); more than 100 counts as 100', async () => {
    expect(await idsOf({ from: 1, length: 1 })).toEqual([products[0]]);
    expect(await idsOf({ length: 1e9 })).toEqual([products[1], products[0]]);
  });

  it.each([
    { shop_id: -1 },
    { shop_id: 'x' },
    { shop_id: 1.5 },
    { shop_id: '' },
    { from: -1 },
    { length: 0 },
    { length: 1.5 },
  ])('answers 10005 to %j', async (query) => {
    const { status, body } = await client.get('/products', query);
    expect([status, body.code]).toEqual([200, 10005]);
  });

  it('GET /product/{id} is public, and shows a product that is not on sale too', async () => {
    for (const id of products) {
      const { status, body } = await client.get(`/product/${id}`);
      expect([status, body.code, body.data.id]).toEqual([200, 0, id]);
      expect(Object.keys(body.data as object)).toEqual(KEYS);
    }
  });

  it('tells the time of the last change', async () => {
    clock.advance(3_600_000);
    await app.post('/api/v1/shop/updateProduct', { id: products[1], price: 2 }, second.token).expect(200);
    const { body } = await client.get(`/product/${products[1]}`);
    expect(body.data).toMatchObject({ price: 200, create_at: '2026-01-15 12:00:00', update_at: '2026-01-15 13:00:00' });
  });

  it('answers 10002 for an unknown product and 10005 for what is no id', async () => {
    expect((await client.get('/product/999999')).body.code).toBe(10002);
    for (const id of ['x', '0', '-1', '1.5', '1e3', '99999999999999999999', "1'"]) {
      const { status, body } = await client.get(`/product/${id}`);
      expect([id, status, body.code]).toEqual([id, 200, 10005]);
    }
  });

  it('takes the id of the path, whatever the query says', async () => {
    expect((await client.get(`/product/${products[0]}`, { product_id: products[1] })).body.data.id).toBe(products[0]);
  });

  it('answers 405 with Allow to HEAD', async () => {
    for (const path of ['/products', `/product/${products[0]}`]) {
      const reply = await client.head(path);
      expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET']);
    }
  });
});
