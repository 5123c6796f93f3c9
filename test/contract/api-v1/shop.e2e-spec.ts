import { beforeAll, describe, expect, it } from '@jest/globals';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { PRODUCT } from '../../support/mall.js';

const MAX_INT = 2 ** 31 - 1;
const OK = { success: true, info: '', data: {} };
const NOT_FOUND = { success: false, info: 'product not found', data: null };

describeMall('商户 API', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  const rival = loggedIn('rival', 2);
  const buyer = loggedIn('buyer');
  const root = loggedIn('root', 4);

  const add = (fields: object = {}, owner: TestUser = merchant): Promise<number> => mall.product(owner, fields);

  async function product(id: number): Promise<Record<string, unknown>> {
    const reply = await app.get('/api/v1/shop/product', { id });
    expect(reply.status).toBe(200);
    return (reply.body as { data: Record<string, unknown> }).data;
  }

  describe('POST /shop/addProduct', () => {
    it("answers the id of the document's example, which shop/product then shows with ten keys", async () => {
      const reply = await app.post('/api/v1/shop/addProduct', PRODUCT, merchant.token);
      expect([reply.status, reply.body]).toEqual([200, { success: true, info: '', data: { id: expect.any(Number) } }]);
      const { id } = (reply.body as { data: { id: number } }).data;
      expect(await product(id)).toEqual({ id, ...PRODUCT, ownerUserId: merchant.id, isDrop: false });
    });

    it('takes stock and picture counts as 0 when they are absent, and empty texts but no empty title', async () => {
      const least = { price: '0.01', title: '猪', description: '', detail: '' };
      const reply = await app.post('/api/v1/shop/addProduct', least, merchant.token);
      const { id } = (reply.body as { data: { id: number } }).data;
      const zero = { stock: 0, pictureNumber: 0, detailPictureNumber: 0 };
      expect(await product(id)).toEqual({
        id,
        ...least,
        ...zero,
        price: 0.01,
        ownerUserId: merchant.id,
        isDrop: false,
      });
    });

    it('keeps prices to the fen and texts to the character, up to the bounds', async () => {
      const title = '🐷'.repeat(200);
      const detail = '详'.repeat(10_000);
      const id = await add({ price: 1.15, title, detail, stock: MAX_INT, pictureNumber: String(MAX_INT) });
      expect(await product(id)).toMatchObject({ price: 1.15, title, detail, stock: MAX_INT, pictureNumber: MAX_INT });
      expect(await product(await add({ price: 21474836.47 }))).toMatchObject({ price: 21474836.47 });
    });

    it('assigns no unknown key', async () => {
      const id = await add({ id: 999_999, ownerUserId: rival.id, isDrop: true, snapshotId: 7, listed: false });
      expect(await product(id)).toMatchObject({ id, ownerUserId: merchant.id, isDrop: false });
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/shop/addProduct',
      token: () => merchant.token,
      forbidden: () => [buyer.token, root.token],
      parameters: () => PRODUCT,
      fields: {
        price: { required: true, values: wrong.yuan(0.01, 21474836.47) },
        title: { required: true, values: wrong.text(1, 200) },
        description: { required: true, values: wrong.text(0, 1000) },
        detail: { required: true, values: wrong.text(0, 10_000) },
        pictureNumber: { values: wrong.integer(0, MAX_INT) },
        detailPictureNumber: { values: wrong.integer(0, MAX_INT) },
        stock: { values: wrong.integer(0, MAX_INT) },
        icon: { values: wrong.pictureUrl },
      },
    });
  });

  describe('POST /shop/updateProduct', () => {
    it("changes what the document's example names", async () => {
      const id = await add();
      const change = { ...PRODUCT, title: '过期猪小排100g', id };
      expect((await app.post('/api/v1/shop/updateProduct', change, merchant.token)).body).toEqual(OK);
      expect(await product(id)).toEqual({ ...change, ownerUserId: merchant.id, isDrop: false });
    });

    it('keeps every omitted field, and takes stock 0 for a value', async () => {
      const id = await add();
      expect((await app.post('/api/v1/shop/updateProduct', { id, stock: 0 }, merchant.token)).body).toEqual(OK);
      expect(await product(id)).toEqual({ id, ...PRODUCT, stock: 0, ownerUserId: merchant.id, isDrop: false });
      expect((await app.post('/api/v1/shop/updateProduct', { id }, merchant.token)).body).toEqual(OK);
    });

    it('takes the whole object of shop/product back, and leaves owner and listing alone', async () => {
      const id = await add();
      const whole = { ...(await product(id)), title: '新标题', ownerUserId: rival.id, isDrop: true };
      expect((await app.post('/api/v1/shop/updateProduct', whole, merchant.token)).body).toEqual(OK);
      expect(await product(id)).toMatchObject({ title: '新标题', ownerUserId: merchant.id, isDrop: false });
    });

    it('changes an unlisted product without listing it', async () => {
      const id = await add();
      await app.post('/api/v1/shop/dropProduct', { id }, merchant.token);
      expect((await app.post('/api/v1/shop/updateProduct', { id, price: 1 }, merchant.token)).body).toEqual(OK);
      expect(await product(id)).toMatchObject({ price: 1, isDrop: true });
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/shop/updateProduct',
      token: () => merchant.token,
      forbidden: () => [buyer.token, root.token],
      parameters: () => ({ ...PRODUCT, id: 1 }),
      fields: {
        id: { required: true, values: wrong.id },
        price: { values: wrong.yuan(0.01, 21474836.47) },
        title: { values: wrong.text(1, 200) },
        description: { values: wrong.text(0, 1000) },
        detail: { values: wrong.text(0, 10_000) },
        pictureNumber: { values: wrong.integer(0, MAX_INT) },
        detailPictureNumber: { values: wrong.integer(0, MAX_INT) },
        stock: { values: wrong.integer(0, MAX_INT) },
        icon: { values: wrong.pictureUrl },
      },
    });
  });

  describe('GET /shop/product', () => {
    it('shows unlisted products too', async () => {
      const id = await add();
      await app.post('/api/v1/shop/dropProduct', { id }, merchant.token);
      expect(await product(id)).toMatchObject({ id, isDrop: true });
    });

    it('answers 404 for an unknown product, and finds it once it is there', async () => {
      const next = (await add()) + 1;
      const reply = await app.get('/api/v1/shop/product', { id: next });
      expect([reply.status, reply.body]).toEqual([404, NOT_FOUND]);
      expect(await add()).toBe(next);
      expect(await product(next)).toMatchObject({ id: next });
    });

    it('takes the id from a JSON body as well; the query wins', async () => {
      const id = await add();
      expect((await app.get('/api/v1/shop/product').send({ id })).body).toMatchObject({ data: { id } });
      expect((await app.get('/api/v1/shop/product', { id }).send({ id: 999_999_999 })).body).toMatchObject({
        data: { id },
      });
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/shop/product',
      token: null,
      parameters: () => ({ id: 1 }),
      fields: { id: { required: true, values: wrong.id } },
    });
  });

  describe('GET /shop/ownerProducts', () => {
    let owner: TestUser;
    const ids: number[] = [];
    beforeAll(async () => {
      owner = await app.login('owner', 2);
      for (let index = 0; index < 12; index += 1) ids.unshift(await add({ title: `第${index}号` }, owner));
      await app.post('/api/v1/shop/dropProduct', { id: ids[0] }, owner.token);
    });

    async function own(query: object): Promise<Record<string, unknown>[]> {
      const reply = await app.get('/api/v1/shop/ownerProducts', query, owner.token);
      expect(reply.body).toEqual({ success: true, info: '', data: { Products: expect.any(Array) } });
      return (reply.body as { data: { Products: Record<string, unknown>[] } }).data.Products;
    }

    it('lists own products newest first, unlisted ones included, as shop/product shows them', async () => {
      const listed = await own({ from: 0, length: 100 });
      expect(listed.map(({ id }) => id)).toEqual(ids);
      expect(listed[0]).toEqual({ ...PRODUCT, id: ids[0], title: '第11号', ownerUserId: owner.id, isDrop: true });
    });

    it('answers [from, from + length), 10 from the start by default', async () => {
      expect((await own({})).map(({ id }) => id)).toEqual(ids.slice(0, 10));
      expect((await own({ from: 3, length: '4' })).map(({ id }) => id)).toEqual(ids.slice(3, 7));
      expect((await own({ from: 10 })).map(({ id }) => id)).toEqual(ids.slice(10));
      expect(await own({ from: 12 })).toEqual([]);
      expect(await own({ from: Number.MAX_SAFE_INTEGER })).toEqual([]);
      expect(await own({ length: 1_000_000 })).toHaveLength(12);
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/shop/ownerProducts',
      token: () => merchant.token,
      forbidden: () => [buyer.token, root.token],
      fields: { from: { values: wrong.from }, length: { values: wrong.length } },
    });
  });

  describe.each([
    ['dropProduct', true],
    ['putProduct', false],
  ])('POST /shop/%s', (route, isDrop) => {
    it('takes effect at once, and twice is a success', async () => {
      const id = await add();
      await app.post(`/api/v1/shop/${isDrop ? 'putProduct' : 'dropProduct'}`, { id }, merchant.token);
      expect(await product(id)).toMatchObject({ isDrop: !isDrop });
      for (let round = 0; round < 2; round += 1) {
        const reply = await app.post(`/api/v1/shop/${route}`, { id }, merchant.token);
        expect([reply.status, reply.body]).toEqual([200, OK]);
        expect(await product(id)).toMatchObject({ isDrop, stock: 32 });
      }
    });

    itRefuses(() => app, {
      method: 'POST',
      path: `/api/v1/shop/${route}`,
      token: () => merchant.token,
      forbidden: () => [buyer.token, root.token],
      parameters: () => ({ id: 1 }),
      fields: { id: { required: true, values: wrong.id } },
    });
  });

  it("answers another's product and an unknown one with the same 404 and changes nothing", async () => {
    const id = await add({}, rival);
    const before = await product(id);
    for (const target of [id, 999_999_999]) {
      for (const route of ['updateProduct', 'dropProduct', 'putProduct']) {
        const reply = await app.post(`/api/v1/shop/${route}`, { ...PRODUCT, price: 1, id: target }, merchant.token);
        expect([reply.status, reply.body]).toEqual([404, NOT_FOUND]);
      }
    }
    expect(await product(id)).toEqual(before);
  });
});
