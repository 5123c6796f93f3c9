import { beforeAll, describe, expect, it } from '@jest/globals';
import { elapsed } from '../../support/clock.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { PRODUCT } from '../../support/mall.js';
import { readsOf } from '../../support/statements.js';

const MAX_INT = 2 ** 31 - 1;
const OK = { success: true, info: '', data: {} };
const NO_TAB = { success: false, info: 'tab not found', data: null };
const UNKNOWN = 999_999_999;

type Row = Record<string, unknown>;

describeMall('商品 API', ({ app, mall, loggedIn }) => {
  const root = loggedIn('root', 4);
  const merchant = loggedIn('merchant', 2);
  const buyer = loggedIn('buyer');
  let ids: number[];

  beforeAll(async () => {
    ids = [];
    for (let index = 0; index < 8; index += 1) ids.push(await mall.product(merchant, { title: `第${index}号` }));
  });

  async function addTab(name: string, products: unknown[]): Promise<number> {
    const reply = await app.post('/api/v1/product/tabAdd', { name, products }, root.token);
    expect(reply.body).toEqual({ success: true, info: '', data: { tabId: expect.any(Number) } });
    return (reply.body as { data: { tabId: number } }).data.tabId;
  }

  async function get<T>(route: string, query: object = {}, from = app): Promise<T> {
    const reply = await from.get(`/api/v1/product/${route}`, query);
    expect([reply.status, (reply.body as { success: boolean }).success]).toEqual([200, true]);
    return (reply.body as { data: T }).data;
  }

  async function productIds(route: string, query: object = {}, from = app): Promise<unknown[]> {
    return (await get<{ products: Row[] }>(route, query, from)).products.map(({ id }) => id);
  }

  const tabs = async (from = app): Promise<Row[]> => (await get<{ tabs: Row[] }>('tabList', {}, from)).tabs;

  async function refused(status: number, route: string, body: object, info: string): Promise<void> {
    const reply = await app.post(`/api/v1/product/${route}`, body, root.token);
    expect([reply.status, reply.body]).toEqual([status, { success: false, info, data: null }]);
  }

  describe('GET /product/tabList', () => {
    it('lists tabs in id order with exactly tabId and name, new and renamed ones at once', async () => {
      const before = await tabs();
      const [first, second] = [await addTab('甲', []), await addTab('乙', [])];
      expect(await tabs()).toEqual([...before, { tabId: first, name: '甲' }, { tabId: second, name: '乙' }]);
      await app.post('/api/v1/product/tabModify', { tabId: first, name: '丙' }, root.token);
      expect(await tabs()).toEqual([...before, { tabId: first, name: '丙' }, { tabId: second, name: '乙' }]);
    });

    itRefuses(() => app, { method: 'GET', path: '/api/v1/product/tabList', token: null });
  });

  describe('GET /product/tabProducts', () => {
    it("shows a tab's products in the given order with the document's seven keys", async () => {
      const tabId = await addTab('肉', [ids[3], ids[0], ids[5]]);
      const { products } = await get<{ products: Row[] }>('tabProducts', { tabId });
      expect(products.map(({ id }) => id)).toEqual([ids[3], ids[0], ids[5]]);
      const { price, description, stock } = PRODUCT;
      expect(products[1]).toEqual({
        id: ids[0],
        price,
        title: '第0号',
        description,
        stock,
        ownerUserId: merchant.id,
        isDrop: false,
      });
    });

    it('leaves out unlisted products, and shows them in their place when they are listed again', async () => {
      const id = await mall.product(merchant);
      const tabId = await addTab('肉', [ids[1], id, ids[2]]);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[1], id, ids[2]]);
      await mall.unlist(merchant, id);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[1], ids[2]]);
      await app.post('/api/v1/shop/putProduct', { id }, merchant.token);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[1], id, ids[2]]);
    });

    it('shows a changed price and stock at once', async () => {
      const id = await mall.product(merchant);
      const tabId = await addTab('肉', [id]);
      await get('tabProducts', { tabId });
      await app.post('/api/v1/shop/updateProduct', { id, price: 1.15, stock: 7 }, merchant.token);
      expect(await get('tabProducts', { tabId })).toMatchObject({ products: [{ id, price: 1.15, stock: 7 }] });
    });

    it('answers 404 for an unknown tab and [] for an empty one', async () => {
      const reply = await app.get('/api/v1/product/tabProducts', { tabId: UNKNOWN });
      expect([reply.status, reply.body]).toEqual([404, NO_TAB]);
      expect(await productIds('tabProducts', { tabId: await addTab('空', []) })).toEqual([]);
    });

    it('costs one statement however many products there are, and none when it was just asked for again', async () => {
      const tabId = await addTab('多', ids);
      expect(await readsOf(app, () => get('tabProducts', { tabId }))).toHaveLength(1);
      expect(await readsOf(app, () => get('tabProducts', { tabId }))).toHaveLength(1);
      expect(await readsOf(app, () => get('tabProducts', { tabId }))).toHaveLength(0);
    });

    describe('parameters', () => {
      let tabId: number;
      beforeAll(async () => {
        tabId = await addTab('参数', []);
      });
      itRefuses(() => app, {
        method: 'GET',
        path: '/api/v1/product/tabProducts',
        token: null,
        parameters: () => ({ tabId }),
        fields: { tabId: { required: true, values: wrong.id } },
      });
    });
  });

  describe('POST /product/tabAdd', () => {
    it('counts a repeated product once, at its first place', async () => {
      const tabId = await addTab('重', [ids[2], ids[1], String(ids[2])]);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[2], ids[1]]);
    });

    it('refuses unknown products with 400 and adds no tab; unlisted ones are taken', async () => {
      const before = await tabs();
      await refused(400, 'tabAdd', { name: 'hh', products: [ids[0], UNKNOWN] }, `unknown products: ${UNKNOWN}`);
      expect(await tabs()).toEqual(before);
      const id = await mall.product(merchant);
      await mall.unlist(merchant, id);
      await addTab('下架', [id]);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/product/tabAdd',
      token: () => root.token,
      forbidden: () => [buyer.token, merchant.token],
      parameters: () => ({ name: 'hh', products: [ids[0]] }),
      fields: {
        name: { required: true, values: wrong.text(1, 64) },
        products: { required: true, values: wrong.idList(0, 1000) },
      },
    });
  });

  describe('POST /product/tabModify', () => {
    it('leaves an omitted field unchanged and answers no data', async () => {
      const tabId = await addTab('旧', [ids[0], ids[1]]);
      const named = await app.post('/api/v1/product/tabModify', { tabId, name: 'hh' }, root.token);
      expect([named.status, named.body]).toEqual([200, OK]);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[0], ids[1]]);
      const filled = await app.post('/api/v1/product/tabModify', { tabId, products: [ids[4]] }, root.token);
      expect(filled.body).toEqual(OK);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[4]]);
      expect(await tabs()).toContainEqual({ tabId, name: 'hh' });
      await app.post('/api/v1/product/tabModify', { tabId, products: [] }, root.token);
      expect(await productIds('tabProducts', { tabId })).toEqual([]);
    });

    it('is open to merchants', async () => {
      const tabId = await addTab('商户', []);
      const reply = await app.post('/api/v1/product/tabModify', { tabId, products: [ids[6]] }, merchant.token);
      expect(reply.body).toEqual(OK);
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[6]]);
    });

    it('refuses unknown products with 400 and an unknown tab with 404, and changes nothing', async () => {
      const tabId = await addTab('不变', [ids[0]]);
      await refused(400, 'tabModify', { tabId, name: '变', products: [UNKNOWN] }, `unknown products: ${UNKNOWN}`);
      await refused(404, 'tabModify', { tabId: UNKNOWN, name: '变', products: [ids[0]] }, 'tab not found');
      expect(await tabs()).toContainEqual({ tabId, name: '不变' });
      expect(await productIds('tabProducts', { tabId })).toEqual([ids[0]]);
      expect(await app.rows('SELECT product_id FROM tab_products WHERE tab_id = ?', [UNKNOWN])).toEqual([]);
    });

    it('leaves one whole list when many replace it at once', async () => {
      const tabId = await addTab('并发', []);
      const lists = [ids.slice(0, 4), ids.slice(2, 8), ids.slice(5, 6), []];
      const calls = Array.from({ length: 20 }, (_, index) =>
        app.post('/api/v1/product/tabModify', { tabId, products: lists[index % lists.length] }, root.token),
      );
      for (const reply of await Promise.all(calls)) expect(reply.body).toEqual(OK);
      expect(lists).toContainEqual(await productIds('tabProducts', { tabId }));
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/product/tabModify',
      token: () => root.token,
      forbidden: () => [buyer.token],
      parameters: () => ({ tabId: 1, name: 'hh', products: [ids[0]] }),
      fields: {
        tabId: { required: true, values: wrong.id },
        name: { values: wrong.text(1, 64) },
        products: { values: wrong.idList(0, 1000) },
      },
    });
  });

  describe('POST /product/tabDelete', () => {
    it('deletes the tab but none of its products; a second time it is not found', async () => {
      const tabId = await addTab('删', [ids[0]]);
      const reply = await app.post('/api/v1/product/tabDelete', { tabId }, root.token);
      expect([reply.status, reply.body]).toEqual([200, OK]);
      expect((await tabs()).map((tab) => tab['tabId'])).not.toContain(tabId);
      expect((await app.get('/api/v1/product/tabProducts', { tabId })).status).toBe(404);
      await refused(404, 'tabDelete', { tabId }, 'tab not found');
      expect((await app.get('/api/v1/shop/product', { id: ids[0] })).status).toBe(200);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/product/tabDelete',
      token: () => root.token,
      forbidden: () => [buyer.token, merchant.token],
      parameters: () => ({ tabId: UNKNOWN }),
      fields: { tabId: { required: true, values: wrong.id } },
    });
  });

  describe('home page', () => {
    it('has no recommendation and no picture before root sets them', async () => {
      expect(await get('homePicture')).toEqual({ pictureNumber: 0 });
      expect(await get('homeTab')).toEqual({ products: [] });
    });

    it('POST /product/modifyHomePicture sets the number, 0 too, and leaves the recommendations alone', async () => {
      await app.post('/api/v1/product/modifyHomeTab', { products: [ids[1]] }, root.token);
      for (const pictureNumber of [5, 0, '3']) {
        const reply = await app.post('/api/v1/product/modifyHomePicture', { pictureNumber }, root.token);
        expect([reply.status, reply.body]).toEqual([200, OK]);
        expect(await get('homePicture')).toEqual({ pictureNumber: Number(pictureNumber) });
      }
      await app.post('/api/v1/product/modifyHomeTab', { products: [ids[2]] }, root.token);
      expect(await get('homePicture')).toEqual({ pictureNumber: 3 });
      expect(await productIds('homeTab')).toEqual([ids[2]]);
    });

    it("GET /product/homeTab shows the configured list in its order with the document's eight keys, without unlisted ones", async () => {
      const id = await mall.product(merchant);
      const reply = await app.post(
        '/api/v1/product/modifyHomeTab',
        { products: [ids[4], id, ids[4], ids[0]] },
        root.token,
      );
      expect([reply.status, reply.body]).toEqual([200, OK]);
      expect(await productIds('homeTab')).toEqual([ids[4], id, ids[0]]);
      await mall.unlist(merchant, id);
      const { products } = await get<{ products: Row[] }>('homeTab');
      expect(products.map((product) => product['id'])).toEqual([ids[4], ids[0]]);
      const { price, description, stock, pictureNumber } = PRODUCT;
      expect(products[1]).toEqual({
        id: ids[0],
        price,
        title: '第0号',
        description,
        pictureNumber,
        stock,
        ownerUserId: merchant.id,
        isDrop: false,
      });
    });

    it('with from or length the list goes on with every other listed product once, in a stable order', async () => {
      await app.post('/api/v1/product/modifyHomeTab', { products: [ids[5], ids[2]] }, root.token);
      const all = await productIds('homeTab', { from: 0 });
      const listed = await app.rows<{ id: number }>('SELECT id FROM products WHERE listed = 1 ORDER BY id');
      const others = listed.map(({ id }) => id).filter((id) => id !== ids[5] && id !== ids[2]);
      expect(all).toEqual([ids[5], ids[2], ...others]);

      const pages: unknown[] = [];
      for (let from = 0; from <= all.length; from += 3)
        pages.push(...(await productIds('homeTab', { from, length: 3 })));
      expect(pages).toEqual(all);
      expect(await productIds('homeTab', { length: 1 })).toEqual([ids[5]]);
      expect(await productIds('homeTab', { from: 1, length: 2 })).toEqual([ids[2], others[0]]);
      expect(await productIds('homeTab', { from: all.length })).toEqual([]);

      const added = await mall.product(merchant);
      expect(await productIds('homeTab', { from: 0 })).toEqual([...all, added]);
    });

    it('a page costs at most two statements, and none when it was just asked for again', async () => {
      await app.post('/api/v1/product/modifyHomeTab', { products: ids.slice(0, 4) }, root.token);
      for (const _ of ['for the first time', 'again']) {
        expect((await readsOf(app, () => get('homeTab', { from: 0, length: 10 }))).length).toBeLessThanOrEqual(2);
      }
      expect(await readsOf(app, () => get('homeTab', { from: 0, length: 10 }))).toHaveLength(0);
    });

    it('refuses unknown products with 400 and keeps the list', async () => {
      await app.post('/api/v1/product/modifyHomeTab', { products: [ids[7]] }, root.token);
      await refused(400, 'modifyHomeTab', { products: [ids[0], UNKNOWN] }, `unknown products: ${UNKNOWN}`);
      expect(await productIds('homeTab')).toEqual([ids[7]]);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/product/modifyHomeTab',
      token: () => root.token,
      forbidden: () => [buyer.token, merchant.token],
      parameters: () => ({ products: [ids[0]] }),
      fields: { products: { required: true, values: wrong.idList(0, 1000) } },
    });
    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/product/modifyHomePicture',
      token: () => root.token,
      forbidden: () => [buyer.token, merchant.token],
      parameters: () => ({ pictureNumber: 1 }),
      fields: { pictureNumber: { required: true, values: wrong.integer(0, MAX_INT) } },
    });
    itRefuses(() => app, { method: 'GET', path: '/api/v1/product/homePicture', token: null });
    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/product/homeTab',
      token: null,
      fields: { from: { values: wrong.from }, length: { values: wrong.length } },
    });
  });

  it('shows a change on every instance within a second', async () => {
    const tabId = await addTab('两处', [ids[0], ids[1]]);
    const other = await app.beside();
    try {
      const seen = async (): Promise<unknown> => ({
        product: (await other.get('/api/v1/shop/product', { id: ids[0] })).body as unknown,
        tab: await get('tabProducts', { tabId }, other),
        tabs: await tabs(other),
        home: await get('homeTab', {}, other),
        pictures: await get('homePicture', {}, other),
      });
      await seen();
      await app.post('/api/v1/shop/updateProduct', { id: ids[0], title: '改名' }, merchant.token);
      await app.post('/api/v1/product/tabModify', { tabId, name: '新名', products: [ids[0]] }, root.token);
      await app.post('/api/v1/product/modifyHomeTab', { products: [ids[3]] }, root.token);
      await app.post('/api/v1/product/modifyHomePicture', { pictureNumber: 9 }, root.token);
      expect(await elapsed(1000, seen)).toMatchObject({
        product: { data: { id: ids[0], title: '改名' } },
        tab: { products: [{ id: ids[0], title: '改名' }] },
        tabs: expect.arrayContaining([{ tabId, name: '新名' }]) as unknown,
        home: { products: [{ id: ids[3] }] },
        pictures: { pictureNumber: 9 },
      });
    } finally {
      await other.stop();
    }
  });
});
