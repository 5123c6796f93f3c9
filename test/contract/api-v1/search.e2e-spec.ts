import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { PRODUCT } from '../../support/mall.js';
import { readsOf } from '../../support/statements.js';

describeMall('搜索 API', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 2);

  async function search(parameters: object): Promise<Record<string, unknown>[]> {
    const reply = await app.post('/api/v1/search', parameters);
    expect([reply.status, reply.body]).toEqual([
      200,
      { success: true, info: '', data: { Products: expect.any(Array) } },
    ]);
    return (reply.body as { data: { Products: Record<string, unknown>[] } }).data.Products;
  }

  const titles = async (key: string): Promise<unknown[]> => (await search({ key })).map(({ title }) => title);

  async function addTitles(...names: string[]): Promise<number[]> {
    const ids: number[] = [];
    for (const title of names) ids.push(await mall.product(merchant, { title }));
    return ids;
  }

  it('finds by one Chinese character, newest first, with the ten keys of shop/product', async () => {
    const [first, , third] = await addTitles('鸡小排100g', '牛小排100g', '农家土鸡');
    const found = await search({ key: '鸡' });
    expect(found.map(({ id }) => id)).toEqual([third, first]);
    expect(found[1]).toEqual({ ...PRODUCT, id: first, title: '鸡小排100g', ownerUserId: merchant.id, isDrop: false });
  });

  it('finds a title by any part of it: start, middle, end, all, and by nothing else', async () => {
    const title = '云南Pu-er普洱茶 357克';
    await addTitles(title, '普通茶洱海');
    for (const key of ['云', '云南', '南Pu', 'er普洱茶', '洱茶 3', ' ', '克', '7克', title]) {
      expect(await titles(key)).toContain(title);
    }
    for (const key of ['南云', '普洱茶357', '云南普洱茶', `${title}克`]) expect(await titles(key)).toEqual([]);
    expect(await titles('普洱')).toEqual([title]);
  });

  it('ignores letter case on both sides', async () => {
    await addTitles('Organic MILK 1l', 'ÉCLAIR');
    expect(await titles('milk')).toEqual(['Organic MILK 1l']);
    expect(await titles('oRGANIC m')).toEqual(['Organic MILK 1l']);
    expect(await titles('éclair')).toEqual(['ÉCLAIR']);
  });

  it.each([
    ['%', '满100%棉', '满100份棉'],
    ['0%棉', '满100%棉衫', '满100份棉衫'],
    ['_', 'snake_case', 'snakeXcase'],
    ['ke_ca', 'snake_case2', 'snakeXcase2'],
    ['\\', 'back\\slash', 'back/slash'],
    ['k\\sl', 'black\\slate', 'black/slate'],
    ['!', '新品!', '新品'],
    ['品!%', '新品!%', '新品!0'],
    ["'", "it's", 'its'],
    ['🐷', '🐷蹄', '🐮蹄'],
    ['🐷耳', '卤🐷耳', '卤🐮耳'],
  ])('takes %s literally', async (key, hit, miss) => {
    await addTitles(hit, miss);
    const found = await titles(key);
    expect(found).toContain(hit);
    expect(found).not.toContain(miss);
  });

  it('leaves out unlisted products, and finds a renamed one by its new title only', async () => {
    const [dropped, renamed] = await addTitles('松茸礼盒', '松茸罐头');
    await mall.unlist(merchant, dropped);
    expect(await titles('松茸')).toEqual(['松茸罐头']);
    await app.post('/api/v1/shop/updateProduct', { id: renamed, title: '羊肚菌罐头' }, merchant.token);
    expect(await titles('松茸')).toEqual([]);
    expect(await titles('松')).toEqual([]);
    expect(await titles('羊肚菌')).toEqual(['羊肚菌罐头']);
    expect(await titles('罐头')).toEqual(['羊肚菌罐头']);
  });

  it('answers [from, from + length), 100 from the start by default', async () => {
    const ids = (await addTitles(...Array.from({ length: 101 }, (_, index) => `龙井${index}`))).toReversed();
    const page = async (parameters: object): Promise<unknown[]> =>
      (await search({ key: '龙井', ...parameters })).map(({ id }) => id);
    expect(await page({})).toEqual(ids.slice(0, 100));
    expect(await page({ length: 1000 })).toEqual(ids.slice(0, 100));
    expect(await page({ from: 3, length: '5' })).toEqual(ids.slice(3, 8));
    expect(await page({ from: 100 })).toEqual(ids.slice(100));
    expect(await page({ from: 101 })).toEqual([]);
  });

  it('compares a long key to its last character', async () => {
    await addTitles('一二三四五六七八', '一二三四五六七九', '二三四五六七八一');
    expect(await titles('一二三四五六七八')).toEqual(['一二三四五六七八']);
    expect(await titles('二三四五六七')).toEqual(['二三四五六七八一', '一二三四五六七九', '一二三四五六七八']);
    expect(await titles('一二三四五六七十')).toEqual([]);
  });

  it('costs one statement, and another one at the first sight of pairs whose number nobody knows yet', async () => {
    const reads = (key: string) => readsOf(app, () => search({ key }));
    expect(await reads('龙井')).toHaveLength(1);
    expect(await reads('龙井10')).toHaveLength(2);
    expect(await reads('龙井10')).toHaveLength(1);
  });

  it('takes the key from a form and from the query as well', async () => {
    await addTitles('腊八粥');
    const form = await app.post('/api/v1/search').type('form').send('key=%E8%85%8A%E5%85%AB');
    expect(form.body).toMatchObject({ data: { Products: [{ title: '腊八粥' }] } });
    const query = await app.post('/api/v1/search').query({ key: '腊八' }).send();
    expect(query.body).toMatchObject({ data: { Products: [{ title: '腊八粥' }] } });
  });

  itRefuses(() => app, {
    method: 'POST',
    path: '/api/v1/search',
    token: null,
    parameters: () => ({ key: '鸡' }),
    fields: {
      key: { required: true, values: wrong.text(1, 100) },
      from: { values: wrong.from },
      length: { values: wrong.length },
    },
  });
});
