import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { PRODUCT } from '../../support/mall.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { readsOf } from '../../support/statements.js';

const id = { required: true, values: wrong.id };
const FULL = 'at most 200 products in a cart';
let logins = 0;

describeMall('购物车 API', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  let buyer: TestUser;
  let product: number;

  beforeAll(async () => {
    product = await mall.product(merchant);
  });
  beforeEach(async () => {
    buyer = await app.login(`buyer-${(logins += 1)}`);
  });

  const get = (route: string, query: object, user = buyer) => app.get(`/api/v1/cart/${route}`, query, user.token);
  const post = (route: string, body: object, user = buyer) => app.post(`/api/v1/cart/${route}`, body, user.token);
  const lineOf = (productId: number, count: number) => ({
    id: productId,
    count,
    price: 233,
    title: PRODUCT.title,
    description: PRODUCT.description,
    ownerUserId: merchant.id,
    stock: 32,
    isDrop: false,
  });

  describe('GET cart/userProducts', () => {
    it("shows the document's eight keys of each line, in the order the products were added", async () => {
      const other = await mall.product(merchant);
      await mall.fillCart(buyer, other, 4);
      await mall.fillCart(buyer, product, 3);
      await mall.fillCart(buyer, other, 5);
      expect(succeeded(await get('userProducts', {}))).toEqual({ Products: [lineOf(other, 5), lineOf(product, 3)] });
    });

    it('is an empty list for an empty cart, and shows nobody another cart', async () => {
      await mall.fillCart(await app.login('somebody-else'), product);
      expect(succeeded(await get('userProducts', { from: 0, length: 50 }))).toEqual({ Products: [] });
    });

    it('shows an unlisted product with isDrop true', async () => {
      const dropped = await mall.product(merchant);
      await mall.fillCart(buyer, dropped, 2);
      await mall.unlist(merchant, dropped);
      expect(succeeded(await get('userProducts', {}))).toEqual({ Products: [{ ...lineOf(dropped, 2), isDrop: true }] });
    });

    it('takes one statement, which does not read what the cart does not show', async () => {
      await mall.fillCart(buyer, product);
      const [read, ...more] = await readsOf(app, () => get('userProducts', {}));
      expect(more).toEqual([]);
      expect(read).not.toContain('detail');
    });

    it('answers [from, from + length), 10 without a length, at most 100', async () => {
      const products: number[] = [];
      for (let index = 0; index < 12; index += 1) products.push(await mall.product(merchant));
      for (const each of products) await mall.fillCart(buyer, each);
      const idsOf = async (query: object) =>
        (succeeded(await get('userProducts', query))['Products'] as { id: number }[]).map((line) => line.id);
      expect(await idsOf({})).toEqual(products.slice(0, 10));
      expect(await idsOf({ from: '9', length: '2' })).toEqual(products.slice(9, 11));
      expect(await idsOf({ from: 11 })).toEqual(products.slice(11));
      expect(await idsOf({ from: 12, length: 1000 })).toEqual([]);
      expect(await idsOf({ length: 101 })).toEqual(products);
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/cart/userProducts',
      token: () => buyer.token,
      fields: { from: { values: wrong.from }, length: { values: wrong.length } },
    });
  });

  describe('GET cart/inCart', () => {
    it('says whether a product is in the cart and how often', async () => {
      await mall.fillCart(buyer, product, 3);
      expect(succeeded(await get('inCart', { productId: product }))).toEqual({ inCart: true, count: 3 });
    });

    it("says no for a product that is not in one's own cart, or in no shop", async () => {
      await mall.fillCart(await app.login('somebody-else'), product);
      for (const productId of [product, 999_999_999]) {
        expect(succeeded(await get('inCart', { productId }))).toEqual({ inCart: false, count: 0 });
      }
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/cart/inCart',
      token: () => buyer.token,
      parameters: () => ({ productId: product }),
      fields: { productId: id },
    });
  });

  describe('POST cart/getCart', () => {
    it('answers those of the ids that are in the cart, each once, in the order asked', async () => {
      const other = await mall.product(merchant);
      const absent = await mall.product(merchant);
      await mall.fillCart(buyer, product, 4);
      await mall.fillCart(buyer, other, 2);
      const body = { product_ids: [other, absent, String(product), 999_999_999, other] };
      expect(succeeded(await post('getCart', body))).toEqual({ products: [lineOf(other, 2), lineOf(product, 4)] });
    });

    it('answers an empty list when nothing is asked or nothing is there', async () => {
      expect(succeeded(await post('getCart', { product_ids: [] }))).toEqual({ products: [] });
      expect(succeeded(await post('getCart', { product_ids: [product] }))).toEqual({ products: [] });
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/cart/getCart',
      token: () => buyer.token,
      parameters: () => ({ product_ids: [product] }),
      fields: { product_ids: { required: true, values: wrong.idList(0, 500) } },
    });
  });

  describe('POST cart/addProduct', () => {
    it('answers the count, one more each time', async () => {
      expect(succeeded(await post('addProduct', { productId: product }))).toEqual({ count: 1 });
      expect(succeeded(await post('addProduct', { productId: String(product) }))).toEqual({ count: 2 });
      expect(await mall.cartOf(buyer)).toEqual([[product, 2]]);
    });

    it('counts every one of many at once', async () => {
      const replies = await Promise.all(Array.from({ length: 30 }, () => post('addProduct', { productId: product })));
      const counts = replies.map((reply) => succeeded(reply)['count'] as number);
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    });

    it('is 404 for an unknown product and 409 for an unlisted one, and neither enters the cart', async () => {
      const dropped = await mall.product(merchant);
      await mall.unlist(merchant, dropped);
      refused(await post('addProduct', { productId: 999_999_999 }), 404, 'product not found');
      refused(await post('addProduct', { productId: dropped }), 409, 'the product is not on sale');
      expect(await mall.cartOf(buyer)).toEqual([]);
    });

    it('is 409 beyond 9999, and the count stays', async () => {
      await mall.fillCart(buyer, product, 9999);
      refused(await post('addProduct', { productId: product }), 409);
      expect(await mall.cartOf(buyer)).toEqual([[product, 9999]]);
    });

    it('is 409 for one product more than 200, while pieces of those in the cart may come and a place may become free', async () => {
      await mall.fillCart(buyer, product);
      await mall.crowdCart(buyer, merchant, 199);
      const [other, another] = [await mall.product(merchant), await mall.product(merchant)];
      for (const productId of [other, another]) refused(await post('addProduct', { productId }), 409, FULL);
      refused(await post('modifyProduct', { productId: other, modifyCount: 3 }), 409, FULL);
      refused(await post('addProduct', { productId: 999_999_999 }), 404, 'product not found');
      expect(succeeded(await get('inCart', { productId: other }))).toEqual({ inCart: false, count: 0 });
      expect(succeeded(await post('addProduct', { productId: product }))).toEqual({ count: 2 });
      expect(succeeded(await post('modifyProduct', { productId: product, modifyCount: 5 }))).toEqual({ count: 5 });
      expect(succeeded(await post('modifyProduct', { productId: product, modifyCount: 0 }))).toEqual({ count: 0 });
      expect(succeeded(await post('modifyProduct', { productId: other, modifyCount: 3 }))).toEqual({ count: 3 });
      refused(await post('addProduct', { productId: another }), 409, FULL);
    });

    it("counts nobody else's cart", async () => {
      const neighbour = await app.login('neighbour-with-a-full-cart');
      await mall.crowdCart(neighbour, merchant, 200);
      expect(succeeded(await post('addProduct', { productId: product }))).toEqual({ count: 1 });
    });

    it('reserves no stock', async () => {
      await mall.fillCart(buyer, product, 9999);
      expect(await mall.stockOf(product)).toBe(32);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/cart/addProduct',
      token: () => buyer.token,
      parameters: () => ({ productId: product }),
      fields: { productId: id },
    });
  });

  describe('POST cart/reduceProduct', () => {
    it('answers the count, one less each time, and the line goes with its last piece', async () => {
      await mall.fillCart(buyer, product, 2);
      expect(succeeded(await post('reduceProduct', { productId: product }))).toEqual({ count: 1 });
      expect(succeeded(await post('reduceProduct', { productId: product }))).toEqual({ count: 0 });
      expect(await mall.cartOf(buyer)).toEqual([]);
    });

    it('answers 0 without a line, and never goes below', async () => {
      for (const productId of [product, product, 999_999_999]) {
        expect(succeeded(await post('reduceProduct', { productId }))).toEqual({ count: 0 });
      }
      expect(await mall.cartOf(buyer)).toEqual([]);
    });

    it('touches nobody else’s cart', async () => {
      const other = await app.login('somebody-careful');
      await mall.fillCart(other, product, 2);
      await post('reduceProduct', { productId: product });
      expect(await mall.cartOf(other)).toEqual([[product, 2]]);
    });

    it('works for a product that was unlisted meanwhile', async () => {
      const dropped = await mall.product(merchant);
      await mall.fillCart(buyer, dropped, 2);
      await mall.unlist(merchant, dropped);
      expect(succeeded(await post('reduceProduct', { productId: dropped }))).toEqual({ count: 1 });
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/cart/reduceProduct',
      token: () => buyer.token,
      parameters: () => ({ productId: product }),
      fields: { productId: id },
    });
  });

  describe('POST cart/modifyProduct', () => {
    it('sets the count, makes the line when it is absent, and removes it at 0', async () => {
      for (const modifyCount of [4, '9999', 1, 0, 0]) {
        const reply = await post('modifyProduct', { productId: product, modifyCount });
        expect(succeeded(reply)).toEqual({ count: Number(modifyCount) });
      }
      expect(await mall.cartOf(buyer)).toEqual([]);
    });

    it('makes no line of an unknown (404) or unlisted (409) product, but still changes and removes one that is there', async () => {
      const dropped = await mall.product(merchant);
      await mall.fillCart(buyer, dropped, 2);
      await mall.unlist(merchant, dropped);
      expect(succeeded(await post('modifyProduct', { productId: dropped, modifyCount: 1 }))).toEqual({ count: 1 });
      expect(succeeded(await post('modifyProduct', { productId: dropped, modifyCount: 0 }))).toEqual({ count: 0 });
      refused(await post('modifyProduct', { productId: dropped, modifyCount: 1 }), 409);
      refused(await post('modifyProduct', { productId: 999_999_999, modifyCount: 1 }), 404);
      expect(await mall.cartOf(buyer)).toEqual([]);
    });

    it('makes one line when two requests make it at once', async () => {
      const body = { productId: product, modifyCount: 4 };
      const replies = await Promise.all(Array.from({ length: 10 }, () => post('modifyProduct', body)));
      for (const reply of replies) expect(succeeded(reply)).toEqual({ count: 4 });
      expect(await mall.cartOf(buyer)).toEqual([[product, 4]]);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/cart/modifyProduct',
      token: () => buyer.token,
      parameters: () => ({ productId: product, modifyCount: 4 }),
      fields: { productId: id, modifyCount: { required: true, values: wrong.integer(0, 9999) } },
    });
  });
});
