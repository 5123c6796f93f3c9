import { jest, beforeAll, describe, expect, it } from '@jest/globals';
import { fillMall } from '../../scripts/bench/growth/mall.js';
import { Database } from '../../src/database/database.js';
import { gramsOfTitle } from '../../src/modules/products/title-grams.js';
import { succeeded } from '../support/api-v1.js';
import { openMall } from '../support/stage.js';

const PRODUCTS = 12_000;
const LITTLE = {
  orders: 10,
  comments: 10,
  entries: 10,
  ownProducts: 10,
  shopOrders: 2,
  buyerOrders: 2,
  productComments: 2,
  walletEntries: 2,
};
/** The pairs of `000` are in each title, and `000` itself in these only. */
const FOUND = [11_000, 6000, 5999, 3];
const UNLISTED = 9000;

const { app } = openMall();

beforeAll(async () => {
  const { dataSource, writer } = app.app.get(Database);
  await fillMall(
    app.database.kind === 'sqlite' ? writer : dataSource,
    { products: PRODUCTS, ...LITTLE },
    { merchant: 1, buyer: 2 },
  );
  await app.tamper("UPDATE products SET folded_title = '100g'");
  for (const id of [...FOUND, UNLISTED])
    await app.tamper("UPDATE products SET folded_title = '1000g' WHERE id = ?", [id]);
  await app.tamper('UPDATE products SET listed = 0 WHERE id = ?', [UNLISTED]);
  await app.tamper('DELETE FROM product_grams');
  for (const gram of gramsOfTitle('100g')) {
    await app.tamper('INSERT INTO product_grams (gram, product_id) SELECT ?, id FROM products', [gram]);
  }
});

async function search(parameters: object): Promise<number[]> {
  const { Products } = succeeded(await app.post('/api/v1/search', { key: '000', ...parameters }));
  return (Products as { id: number }[]).map(({ id }) => id);
}

describe('a search whose pairs all titles hold', () => {
  it('finds what is rare among them, on every page, in order', async () => {
    expect(await search({})).toEqual(FOUND);
    expect(await search({ length: 2 })).toEqual(FOUND.slice(0, 2));
    expect(await search({ from: 1, length: 2 })).toEqual(FOUND.slice(1, 3));
    expect(await search({ from: 3 })).toEqual(FOUND.slice(3));
    expect(await search({ from: 4 })).toEqual([]);
    expect(await search({ key: '000g' })).toEqual(FOUND);
    expect(await search({ key: '0000' })).toEqual([]);
  });

  it('pages through what is common, without a gap', async () => {
    const ids: number[] = [];
    for (let from = 0; from < 300; from += 100) ids.push(...(await search({ key: '00g', from })));
    expect(ids).toEqual(Array.from({ length: 300 }, (_, index) => PRODUCTS - index));
    const last = await search({ key: '00g', from: 9950 });
    expect(last).toHaveLength(100);
    expect(last[0]).toBe(PRODUCTS - 9951);
  });

  it('leaves the event loop to others on SQLite, which reads in it', async () => {
    if (app.database.kind !== 'sqlite') return;
    let [turn, over] = [0, false];
    const count = (): void => {
      turn += 1;
      if (!over) setImmediate(count);
    };
    count();
    const turns = new Set<number>();
    const database = app.app.get(Database);
    const read = database.read.bind(database);
    const spy = jest.spyOn(database, 'read').mockImplementation((sql, params) => {
      if (sql.includes('folded_title')) turns.add(turn);
      return read(sql, params);
    });
    expect(await search({})).toEqual(FOUND);
    over = true;
    spy.mockRestore();
    expect(turns.size).toBeGreaterThanOrEqual(3);
  });
});
