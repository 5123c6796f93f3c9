import { beforeAll, expect, it } from '@jest/globals';
import { MAX_FROM } from '../../src/common/page.js';
import { succeeded } from '../support/api-v1.js';
import { describeMall } from '../support/stage.js';
import { readsOf } from '../support/statements.js';
import { WEB_ENV } from '../support/web.js';

describeMall('a list that everybody may read', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  const lists: Record<string, (from: number) => Promise<unknown>> = {
    'product/homeTab': async (from) => succeeded(await app.get('/api/v1/product/homeTab', { from }))['products'],
    search: async (from) => succeeded(await app.post('/api/v1/search', { key: '小排', from }))['Products'],
    'comment/product': async (from) =>
      succeeded(await app.get('/api/v1/comment/product', { product_id: 1, from }))['comments'],
    '/products': async (from) => (await app.get('/products', { from })).body.data as unknown,
    '/products of a shop': async (from) =>
      (await app.get('/products', { from, shop_id: merchant.id })).body.data as unknown,
  };

  beforeAll(async () => {
    await mall.product(merchant);
  });

  it('has its pages up to from 10000', () => expect(MAX_FROM).toBe(10_000));

  it.each(Object.keys(lists))('is asked for there, and beyond empty without a statement: %s', async (name) => {
    const list = lists[name];
    expect(await readsOf(app, async () => expect(await list(MAX_FROM)).toEqual([]))).not.toHaveLength(0);
    for (const from of [MAX_FROM + 1, Number.MAX_SAFE_INTEGER]) {
      expect(await readsOf(app, async () => expect(await list(from)).toEqual([]))).toEqual([]);
    }
  });

  it('leaves those alone that show only what is the caller’s own', async () => {
    const own = () => app.get('/api/v1/shop/ownerProducts', { from: MAX_FROM + 1 }, merchant.token);
    expect(await readsOf(app, own)).toHaveLength(1);
  });
});
