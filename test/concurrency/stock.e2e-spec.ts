import { beforeAll, expect, it } from '@jest/globals';
import { fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import type { SaleLine } from '../../src/modules/products/product.js';
import { ProductsService } from '../../src/modules/products/products.service.js';
import { ShopService } from '../../src/modules/products/shop.service.js';
import { PRODUCT } from '../support/mall.js';
import { describeMall } from '../support/stage.js';

describeMall('stock', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  let products: ProductsService;
  let shop: ShopService;
  let transactions: Transactions;

  beforeAll(async () => {
    products = app.app.get(ProductsService);
    shop = app.app.get(ShopService);
    transactions = app.app.get(Transactions);
  });

  async function stockOf(id: number): Promise<number> {
    return (await products.findMany([id])).get(id)!.stock;
  }

  /** The product as it is now; an unknown one has no snapshot. */
  async function lineOf(productId: number, count: number): Promise<SaleLine> {
    const product = (await products.findMany([productId])).get(productId);
    return { productId, count, snapshotId: product?.snapshotId ?? 0 };
  }

  it.each(Array.from({ length: 10 }, (_, round) => round))(
    'sells the last 10 pieces to exactly 10 of 50 buyers at once, beside 20 failing transactions (round %i)',
    async () => {
      const id = await mall.product(merchant, { stock: 10 });
      const line = await lineOf(id, 1);
      const buyers = Array.from({ length: 50 }, () => transactions.run((tx) => products.takeStock(tx, [line])));
      const failing = Array.from({ length: 20 }, () =>
        transactions.run(async (tx) => {
          await products.restock(tx, [{ productId: id, count: 100 }]);
          throw new Error('changed my mind');
        }),
      );
      const results = await Promise.allSettled([...buyers, ...failing]);
      const bought = results.slice(0, 50);
      expect(bought.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
      for (const result of bought) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'conflict', message: 'out of stock' });
      }
      expect(await stockOf(id)).toBe(0);
    },
  );

  it('takes the lines of an order all or none', async () => {
    const [plenty, scarce] = [await mall.product(merchant, { stock: 10 }), await mall.product(merchant, { stock: 1 })];
    const lines = [await lineOf(plenty, 3), await lineOf(scarce, 2)];
    await expect(transactions.run((tx) => products.takeStock(tx, lines))).rejects.toMatchObject({ code: 'conflict' });
    expect([await stockOf(plenty), await stockOf(scarce)]).toEqual([10, 1]);
  });

  it('adds up lines of the same product', async () => {
    const id = await mall.product(merchant, { stock: 10 });
    const line = await lineOf(id, 6);
    await expect(transactions.run((tx) => products.takeStock(tx, [line, line]))).rejects.toMatchObject({
      code: 'conflict',
    });
    await transactions.run((tx) => products.takeStock(tx, [line, { ...line, count: 4 }]));
    expect(await stockOf(id)).toBe(0);
    await transactions.run((tx) => products.restock(tx, [line, line]));
    expect(await stockOf(id)).toBe(12);
  });

  it('sells nothing that is unlisted or unknown', async () => {
    const id = await mall.product(merchant, { stock: 10 });
    await shop.setListed(merchant.id, id, false);
    for (const productId of [id, 999_999_999]) {
      const line = await lineOf(productId, 1);
      const taken = transactions.run((tx) => products.takeStock(tx, [line]));
      await expect(taken).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(await stockOf(id)).toBe(10);
  });

  it('runs the transaction again where a product was edited since it was read, and takes nothing before', async () => {
    const [id, other] = [await mall.product(merchant, { stock: 10 }), await mall.product(merchant, { stock: 10 })];
    const outdated = [await lineOf(id, 3), await lineOf(other, 3)];
    await shop.updateProduct(merchant.id, id, { price: fen(1) });
    let runs = 0;
    await transactions.run(async (tx) => {
      runs += 1;
      const read = await products.readForSale(tx, [id]);
      const lines = runs === 1 ? outdated : [{ ...outdated[0], snapshotId: read.get(id)!.snapshotId }, outdated[1]];
      await products.takeStock(tx, lines);
    });
    expect([runs, await stockOf(id), await stockOf(other)]).toEqual([2, 7, 7]);
  });

  it('does not deadlock when orders name the same products in opposite order', async () => {
    const [a, b] = [await mall.product(merchant, { stock: 40 }), await mall.product(merchant, { stock: 40 })];
    const lines = [await lineOf(a, 1), await lineOf(b, 1)];
    const orders = Array.from({ length: 40 }, (_, index) =>
      transactions.run((tx) => products.takeStock(tx, index % 2 ? lines : lines.toReversed())),
    );
    await Promise.all(orders);
    expect([await stockOf(a), await stockOf(b)]).toEqual([0, 0]);
  });

  it('keeps what was sold as a snapshot of each edit, and makes none for stock, listing or an edit that changes nothing', async () => {
    const id = await mall.product(merchant, { stock: 10 });
    const first = (await products.findMany([id])).get(id)!;
    await shop.updateProduct(merchant.id, id, { ...PRODUCT, price: fen(23300), stock: 3 });
    await shop.setListed(merchant.id, id, false);
    await transactions.run((tx) => products.restock(tx, [{ productId: id, count: 1 }]));
    expect((await products.getProduct(id)).snapshotId).toBe(first.snapshotId);

    await shop.updateProduct(merchant.id, id, { title: '没过期猪小排100g ' });
    const second = await products.getProduct(id);
    await shop.updateProduct(merchant.id, id, { price: fen(1) });
    const third = await products.getProduct(id);
    const snapshots = await app.rows(
      'SELECT id, title, price, product_id, owner_id, detail, picture_number FROM product_snapshots WHERE product_id = ? ORDER BY id',
      [id],
    );
    const unchanged = { product_id: id, owner_id: merchant.id, detail: PRODUCT.detail, picture_number: 2 };
    expect(snapshots).toEqual([
      { ...unchanged, id: first.snapshotId, title: '没过期猪小排100g', price: 23300 },
      { ...unchanged, id: second.snapshotId, title: '没过期猪小排100g ', price: 23300 },
      { ...unchanged, id: third.snapshotId, title: '没过期猪小排100g ', price: 1 },
    ]);
  });

  it('reads inside a transaction what that transaction changed', async () => {
    const id = await mall.product(merchant, { stock: 10 });
    const line = await lineOf(id, 4);
    await transactions.run(async (tx) => {
      await products.takeStock(tx, [line]);
      expect((await products.readForSale(tx, [id, 999_999_999])).get(id)!.stock).toBe(6);
    });
  });
});
