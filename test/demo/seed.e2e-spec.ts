import { beforeAll, expect, it } from '@jest/globals';
import { seedDemo } from '../../src/demo/seed-demo.js';
import { TestApp } from '../support/app.js';
import { describeMall } from '../support/stage.js';

type Row = Record<string, unknown>;

describeMall('demo data', ({ app }) => {
  beforeAll(async () => {
    await seedDemo(app.app);
  });

  async function read<T>(route: string, query: object = {}): Promise<T> {
    return ((await app.get(`/api/v1/${route}`, query)).body as { data: T }).data;
  }

  const counts = (): Promise<Row[]> =>
    app.rows(
      'SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM products) AS products, ' +
        '(SELECT COUNT(*) FROM tabs) AS tabs, (SELECT COUNT(*) FROM tab_products) AS places',
    );

  it('has four tabs with products, a home page of both merchants and pictures for it', async () => {
    const { tabs } = await read<{ tabs: Row[] }>('product/tabList');
    expect(tabs).toHaveLength(4);
    for (const { tabId } of tabs) {
      expect((await read<{ products: Row[] }>('product/tabProducts', { tabId })).products.length).toBeGreaterThan(0);
    }
    const { products } = await read<{ products: Row[] }>('product/homeTab');
    expect(new Set(products.map(({ ownerUserId }) => ownerUserId)).size).toBe(2);
    expect(await read('product/homePicture')).toEqual({ pictureNumber: 3 });
  });

  it('is owned by people who log in over the simulator: two merchants and a root', async () => {
    for (const [name, permission, owned] of [
      ['merchant-a', 3, 6],
      ['merchant-b', 3, 6],
      ['root', 7, 0],
    ] as const) {
      const { token } = await app.login(name);
      const profile = await app.get('/api/v1/user/profile', {}, token);
      expect(profile.body).toMatchObject({ data: { permission } });
      const own = await app.get('/api/v1/shop/ownerProducts', { length: 100 }, token);
      expect((own.body as { data: { Products: Row[] } }).data.Products).toHaveLength(owned);
    }
  });

  it('is made once, and what was changed since stays changed', async () => {
    const before = await counts();
    const { token } = await app.login('root');
    const { tabs } = await read<{ tabs: Row[] }>('product/tabList');
    await app.post('/api/v1/product/tabModify', { tabId: tabs[0]['tabId'], name: '改过' }, token);
    await Promise.all([seedDemo(app.app), seedDemo(app.app)]);
    expect(await counts()).toEqual(before);
    expect((await read<{ tabs: Row[] }>('product/tabList')).tabs[0]).toMatchObject({ name: '改过' });
  });

  it('is made once when two instances start together on an empty database', async () => {
    const first = await TestApp.start({ simulator: app.simulator });
    const second = await first.beside();
    try {
      await Promise.all([seedDemo(first.app), seedDemo(second.app)]);
      const reply = await second.post('/api/v1/search', { key: '鸡小排' });
      expect((reply.body as { data: { Products: Row[] } }).data.Products).toHaveLength(1);
      expect(((await first.get('/api/v1/product/tabList')).body as { data: { tabs: Row[] } }).data.tabs).toHaveLength(
        4,
      );
    } finally {
      await second.stop();
      await first.stop();
    }
  });
});
