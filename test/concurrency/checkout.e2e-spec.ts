import { beforeAll, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { Transactions } from '../../src/database/transactions.js';
import { CartService } from '../../src/modules/cart/cart.service.js';
import { ProductsService } from '../../src/modules/products/products.service.js';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestUser } from '../support/app.js';
import { describeMall } from '../support/stage.js';
import { TERMS } from '../support/mall.js';

const ROUNDS = Array.from({ length: 10 }, (_, round) => round + 1);

declare const testDatabase: 'sqlite' | 'mysql';

describeMall('checkouts over HTTP, many at once', ({ app, mall, loggedIn }) => {
  const first = loggedIn('m1', 3);
  const second = loggedIn('m2', 3);
  let crowd: TestUser[];
  let buyers: TestUser[];

  beforeAll(async () => {
    const names = Array.from({ length: 200 }, (_, index) => `buyer-${index}`);
    crowd = await Promise.all(names.map((name) => app.login(name)));
    buyers = crowd.slice(0, 50);
  });

  const place = (buyer: TestUser, productIds: number[]) =>
    app.post('/api/v1/order/generateOrder', { ...TERMS, product_ids: productIds }, buyer.token);
  /** Pieces in orders that are not closed. */
  async function sold(productId: number): Promise<number> {
    const [row] = await app.rows<{ pieces: number }>(
      "SELECT COALESCE(SUM(i.count), 0) AS pieces FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.product_id = ? AND o.status <> 'closed'",
      [productId],
    );
    return Number(row.pieces);
  }

  it.each(ROUNDS)('sells the last 10 pieces to exactly 10 of 50 buyers (round %i)', async () => {
    const product = await mall.product(first, { stock: 10 });
    await Promise.all(buyers.map((buyer) => mall.fillCart(buyer, product)));
    const replies = await Promise.all(buyers.map((buyer) => place(buyer, [product])));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(10);
    for (const reply of replies) if (reply.status !== 200) refused(reply, 409, 'out of stock');
    expect([await mall.stockOf(product), await sold(product)]).toEqual([0, 10]);
    const [left] = await app.rows<{ kept: number }>('SELECT COUNT(*) AS kept FROM cart_lines WHERE product_id = ?', [
      product,
    ]);
    expect(Number(left.kept)).toBe(40);
  });

  it('sells 3 times 3 of 10 pieces, beside transactions that fail and undo nothing of theirs', async () => {
    const product = await mall.product(first, { stock: 10 });
    await Promise.all(buyers.map((buyer) => mall.fillCart(buyer, product, 3)));
    const [products, transactions] = [app.app.get(ProductsService), app.app.get(Transactions)];
    const failing = Array.from({ length: 20 }, () =>
      transactions.run(async (tx) => {
        await products.restock(tx, [{ productId: product, count: 100 }]);
        throw new Error('changed my mind');
      }),
    );
    const settled = Promise.allSettled(failing);
    const replies = await Promise.all(buyers.map((buyer) => place(buyer, [product])));
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(3);
    for (const reply of replies) if (reply.status !== 200) refused(reply, 409, 'out of stock');
    expect([await mall.stockOf(product), await sold(product)]).toEqual([1, 9]);
  });

  it('answers 200 checkouts of [P1, P2] and [P2, P1] without a 5xx, and conserves the stock', async () => {
    const stock = 1000;
    const [p1, p2] = [await mall.product(first, { stock }), await mall.product(second, { stock })];
    await Promise.all(crowd.flatMap((buyer) => [mall.fillCart(buyer, p1), mall.fillCart(buyer, p2)]));
    const replies = await Promise.all(crowd.map((buyer, index) => place(buyer, index % 2 ? [p1, p2] : [p2, p1])));
    for (const reply of replies) expect(succeeded(reply)['order_id']).toHaveLength(2);
    for (const product of [p1, p2]) {
      expect([await mall.stockOf(product), await sold(product)]).toEqual([stock - 200, 200]);
    }
  });

  it('sells at the price and title of one snapshot, while prices change between every read and write', async () => {
    const [p1, p2] = [await mall.product(first, { stock: 100 }), await mall.product(second, { stock: 100 })];
    await Promise.all(buyers.flatMap((buyer) => [mall.fillCart(buyer, p1), mall.fillCart(buyer, p2)]));
    const sale = { over: false };
    const editing = [first, second].map(async (owner, index) => {
      for (let price = 1; !sale.over; price += 1) {
        const edit = { id: [p1, p2][index], price, title: `price ${price}` };
        succeeded(await app.post('/api/v1/shop/updateProduct', edit, owner.token));
      }
    });
    const replies = await Promise.all(buyers.map((buyer) => place(buyer, [p1, p2])));
    sale.over = true;
    await Promise.all(editing);
    // Whoever met an edit again and again is told to come back, and has bought nothing.
    const bought = replies.filter((reply) => reply.status === 200).length;
    for (const reply of replies) if (reply.status !== 200) refused(reply, 503);
    expect(bought).toBeGreaterThan(0);
    const rows = await app.rows<Record<'price' | 'goods' | 'sold' | 'title' | 'soldTitle', unknown>>(
      'SELECT i.price, o.goods, s.price AS sold, o.first_title AS title, s.title AS soldTitle FROM order_items i ' +
        'JOIN orders o ON o.id = i.order_id JOIN product_snapshots s ON s.id = i.snapshot_id WHERE i.product_id IN (?, ?)',
      [p1, p2],
    );
    expect(rows).toHaveLength(2 * bought);
    for (const { price, goods, sold, title, soldTitle } of rows) {
      expect([price, goods, title]).toEqual([sold, sold, soldTitle]);
    }
    expect([await mall.stockOf(p1), await mall.stockOf(p2)]).toEqual([100 - bought, 100 - bought]);
  });

  // On SQLite nobody else writes while an order is being written.
  const onMysql = testDatabase === 'mysql' ? it : () => undefined;

  onMysql('never orders what was edited, unlisted or counted anew while the order was being written', async () => {
    const [products, cart] = [app.app.get(ProductsService), app.app.get(CartService)];
    const [buyer] = buyers;
    const other = await app.beside();
    const change = (route: string, body: object, user: TestUser) => other.post(`/api/v1/${route}`, body, user.token);

    const edited = await mall.product(first, { stock: 5, price: 10 });
    await mall.fillCart(buyer, edited);
    const stock = meanwhile(products, 'takeStock', () =>
      change('shop/updateProduct', { id: edited, price: 20 }, first),
    );
    const [orderId] = succeeded(await place(buyer, [edited]))['order_id'] as number[];
    expect(stock).toHaveBeenCalledTimes(2);
    expect((await mall.orderInfo(buyer, orderId))['total_price']).toBe(20 + TERMS.transportation_price);

    const unlisted = await mall.product(first, { stock: 5 });
    await mall.fillCart(buyer, unlisted);
    meanwhile(products, 'takeStock', () => change('shop/dropProduct', { id: unlisted }, first));
    refused(await place(buyer, [unlisted]), 409, 'out of stock');
    expect([await mall.stockOf(unlisted), await sold(unlisted)]).toEqual([5, 0]);

    const counted = await mall.product(first, { stock: 5 });
    await mall.fillCart(buyer, counted);
    const taken = meanwhile(cart, 'takeLines', () => change('cart/addProduct', { productId: counted }, buyer));
    succeeded(await place(buyer, [counted]));
    expect([taken.mock.calls.length, await mall.stockOf(counted), await sold(counted)]).toEqual([2, 3, 2]);
  });

  it('answers them all while stock runs out, orders are cancelled and carts are pressed twice', async () => {
    const [p1, p2] = [await mall.product(first, { stock: 30 }), await mall.product(second, { stock: 20 })];
    await Promise.all(buyers.flatMap((buyer) => [mall.fillCart(buyer, p1), mall.fillCart(buyer, p2)]));
    const attempts = buyers.flatMap((buyer, index) => {
      const products = index % 2 ? [p1, p2] : [p2, p1];
      return [buyer, buyer].map(async () => {
        const reply = await place(buyer, products);
        if (reply.status !== 200) return reply;
        const [order] = succeeded(reply)['order_id'] as number[];
        return index % 3 ? reply : app.post('/api/v1/order/cancel', { order_id: order }, buyer.token);
      });
    });
    for (const reply of await Promise.all(attempts)) if (reply.status !== 200) refused(reply, 409);
    expect((await mall.stockOf(p1)) + (await sold(p1))).toBe(30);
    expect((await mall.stockOf(p2)) + (await sold(p2))).toBe(20);
  });
});

/** The next call of this method waits for `change` by somebody else. Returns what counts the calls. */
function meanwhile<Service extends object>(
  service: Service,
  method: keyof Service,
  change: () => PromiseLike<Response>,
): jest.Mock {
  const call = (service[method] as jest.Mock).bind(service);
  const spy = jest.spyOn(service, method as never) as unknown as jest.Mock;
  return spy.mockImplementationOnce(async (...given) => {
    succeeded(await change());
    return call(...given);
  });
}
