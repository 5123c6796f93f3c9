import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { grant, WEB_ENV, WebClient } from '../../support/web.js';

type Client = WebClient & { userId: number };
type Entry = { money: number; name: string; item_id: number };

/** The same numbers at every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

describeMall('web: the books behind the wire', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  const root = loggedIn('root', 7);

  async function entries(client: Client, type: 0 | 1): Promise<Entry[]> {
    const all: Entry[] = [];
    for (;;) {
      const { body } = await client.get('/ledgers', { type, from: all.length });
      all.push(...(body.data as Entry[]));
      if ((body.data as Entry[]).length < 100) return all;
    }
  }
  const sum = (list: Entry[]) => list.reduce((total, { money }) => total + money, 0);
  const stockOf = async (id: number) => Number((await app.get('/api/v1/shop/product', { id })).body.data.stock);

  async function expectCleanBooks(): Promise<void> {
    const { body } = await app.get('/api/v1/ledger/audit', {}, root.token);
    expect(body.data).toMatchObject({ clean: true, drift: [], negative: [], unbalanced: [] });
  }

  it('show a refund of a purchase where the money came from, with the product’s name and id', async () => {
    const product = await mall.product(merchant, { price: 3, title: 'pork' });
    const client = await WebClient.signUp(app);
    await grant(app, client.userId, 'COUPON', 100);
    await grant(app, client.userId, 'CNY', 200);
    expect((await client.post(`/product/${product}/with_coupon`)).body.code).toBe(0);
    const [order] = await app.rows<{ id: number }>('SELECT id FROM orders WHERE buyer_id = ?', [client.userId]);
    await app.post('/api/v1/order/refund', { order_id: order.id, reason: '缺货' }, merchant.token).expect(200);
    const line = { name: 'pork', item_id: product };
    expect(await entries(client, 0)).toMatchObject([{ ...line, money: 200 }, { ...line, money: -200 }, { money: 200 }]);
    expect(await entries(client, 1)).toMatchObject([{ ...line, money: 100 }, { ...line, money: -100 }, { money: 100 }]);
    await expectCleanBooks();
  });

  it('agree after 400 random requests of four users in parallel: wallet with ledgers, stock with orders', async () => {
    const stock = 300;
    const products: number[] = [];
    for (const price of [0.01, 1.5, 7.77, 30]) products.push(await mall.product(merchant, { price, stock }));
    const clients = await Promise.all(Array.from({ length: 4 }, () => WebClient.signUp(app)));
    await Promise.all(
      clients.flatMap(({ userId }) => [grant(app, userId, 'CNY', 20_000), grant(app, userId, 'COUPON', 10_000)]),
    );
    const roll = dice(7);
    for (let round = 0; round < 20; round += 1) {
      const requests = Array.from({ length: 20 }, () => act(clients[roll(4)], products[roll(4)], roll(8)));
      const replies = await Promise.all(requests);
      expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
    }
    for (const client of clients) {
      const { balance, coupon } = (await client.get('/user')).body.data as { balance: number; coupon: number };
      expect([balance, coupon]).toEqual([sum(await entries(client, 0)), sum(await entries(client, 1))]);
      expect(Math.min(balance, coupon)).toBeGreaterThanOrEqual(0);
      const [paid] = await app.rows<{ total: number }>(
        "SELECT SUM(total) AS total FROM orders WHERE buyer_id = ? AND status = 'awaitingReceipt'",
        [client.userId],
      );
      expect(30_000 - balance - coupon).toBe(Number(paid.total));
    }
    for (const product of products) {
      const [sold] = await app.rows<{ n: number }>('SELECT SUM(count) AS n FROM order_items WHERE product_id = ?', [
        product,
      ]);
      expect(stock - Number(sold.n)).toBe(await stockOf(product));
    }
    await expectCleanBooks();
  });

  function act(client: Client, product: number, what: number): ReturnType<WebClient['get']> {
    switch (what) {
      case 0:
        return client.get(`/product/${product}/with_balance`);
      case 1:
        return client.post(`/product/${product}/with_coupon`);
      case 2:
        return client.post('/cart/pay_with_balance');
      case 3:
        return client.post('/cart/pay_with_coupon');
      case 4:
        return client.get('/ledgers', { type: 0 });
      default:
        return client.post('/cart', { product_id: product });
    }
  }
});
