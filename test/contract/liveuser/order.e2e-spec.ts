import { beforeAll, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { PRODUCT } from '../../support/mall.js';

interface OrderRecord {
  readonly id: number;
  readonly uid: string;
  readonly state: number;
  readonly deleted_at: number;
  readonly products: { readonly product_id: string; readonly count: number }[];
}
interface Created {
  readonly order: OrderRecord;
  readonly orders: OrderRecord[];
}
interface Listed {
  readonly orders: OrderRecord[];
  readonly cursor: number;
}

describeMall('liveuser: Service Order', ({ app, mall, loggedIn }) => {
  const buyer = loggedIn('live-buyer');
  let pork: number;
  let beef: number;

  beforeAll(async () => {
    pork = await mall.product(await app.login('live-a', 3));
    beef = await mall.product(await app.login('live-b', 3), { title: '牛小排' });
  });

  const create = (products: unknown, token = buyer.token) => app.post('/liveuser/Order/Create', { products }, token);
  const created = async (products: unknown): Promise<Created> => (await create(products).expect(200)).body as Created;
  const list = async (cursor: unknown, token = buyer.token): Promise<Listed> =>
    (await app.post('/liveuser/Order/List', { cursor }, token).expect(200)).body as Listed;

  it('creates an order with every documented field, in fen and milliseconds, and takes stock', async () => {
    const before = await mall.stockOf(pork);
    const { order, orders } = await created([{ product_id: String(pork), count: 2 }]);
    const [{ uid }] = await app.rows<{ uid: string }>('SELECT uid FROM users WHERE id = ?', [buyer.id]);
    expect(order).toEqual({
      id: expect.any(Number),
      uid,
      state: 0,
      amount: 46600,
      discount: 0,
      pay: 46600,
      pay_at: 0,
      products: [
        {
          order_id: order.id,
          product_id: String(pork),
          name: PRODUCT.title,
          price: 23300,
          count: 2,
          product_snapshot: expect.any(Number),
          detail: expect.any(String),
        },
      ],
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
      deleted_at: 0,
    });
    expect(orders).toEqual([order]);
    expect(await mall.stockOf(pork)).toBe(before - 2);
  });

  it('ignores name, price, snapshot and order_id of a line: the catalogue decides', async () => {
    const line = { product_id: pork, count: '1', price: 1, name: 'x', product_snapshot: 9, order_id: 9 };
    const { order } = await created([line]);
    expect(order).toMatchObject({ amount: 23300, products: [{ name: PRODUCT.title, price: 23300, count: 1 }] });
  });

  it('makes one order per merchant in order of first appearance and adds duplicates up', async () => {
    const { order, orders } = await created([
      { product_id: String(beef), count: 1 },
      { product_id: String(pork), count: 1 },
      { product_id: String(beef), count: 2 },
    ]);
    const lines = orders.map(({ products }) => products.map(({ product_id, count }) => [product_id, count]));
    expect(lines).toEqual([[[String(beef), 3]], [[String(pork), 1]]]);
    expect(order).toEqual(orders[0]);
  });

  it('takes all or nothing', async () => {
    const scarce = await mall.product(await app.login('live-a', 3), { stock: 1 });
    const before = await mall.stockOf(pork);
    const reply = await create([
      { product_id: String(pork), count: 1 },
      { product_id: String(scarce), count: 2 },
    ]);
    expect([reply.status, reply.body.id]).toEqual([409, 'error-conflict']);
    expect([await mall.stockOf(pork), await mall.stockOf(scarce)]).toEqual([before, 1]);
  });

  it('makes one order for the same Idempotency-Key, 20 times in parallel, and refuses it for another content', async () => {
    const send = (count: number) => create([{ product_id: String(pork), count }]).set('Idempotency-Key', 'live-1');
    const before = await mall.stockOf(pork);
    const replies = await Promise.all(Array.from({ length: 20 }, () => send(1)));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19);
    expect(await mall.stockOf(pork)).toBe(before - 1);
    expect((await send(2)).status).toBe(409);
  });

  it('keeps the price as bought when the merchant changes it', async () => {
    const owner = await app.login('live-c', 3);
    const id = await mall.product(owner);
    const { order } = await created([{ product_id: id, count: 1 }]);
    await app.post('/api/v1/shop/updateProduct', { id, price: 1, title: 'new' }, owner.token).expect(200);
    const { orders } = await list(0);
    expect(orders.find((candidate) => candidate.id === order.id)).toEqual(order);
  });

  it('lists newest first, ten a page, each order exactly once while new ones arrive', async () => {
    const reader = await app.login('live-reader');
    const ids: number[] = [];
    for (let index = 0; index < 21; index += 1) {
      const { body } = await create([{ product_id: pork, count: 1 }], reader.token).expect(200);
      ids.unshift((body as Created).order.id);
    }
    const seen: number[] = [];
    let cursor = 0;
    do {
      const page = await list(String(cursor), reader.token);
      expect(page.orders.length).toBeLessThanOrEqual(10);
      seen.push(...page.orders.map(({ id }) => id));
      ({ cursor } = page);
      await create([{ product_id: beef, count: 1 }], reader.token).expect(200);
    } while (cursor !== 0);
    expect(seen).toEqual(ids);
  });

  it('shows state 1 once paid and after a refund, and state 0 with deleted_at for a closed order', async () => {
    const states: [number, boolean][] = [];
    const reader = await app.login('live-states');
    for (const status of [1, 2, 3, 4, 5, 6] as const) {
      const { body } = await create([{ product_id: pork, count: 1 }], reader.token).expect(200);
      await mall.bring((body as Created).order.id, status);
    }
    const { orders } = await list(0, reader.token);
    for (const { state, deleted_at } of orders.toReversed()) states.push([state, deleted_at > 0]);
    expect(states).toEqual([
      [0, false],
      [1, false],
      [1, false],
      [1, false],
      [0, true],
      [1, false],
    ]);
  });

  it("shows nobody another's orders", async () => {
    const stranger = await app.login('live-stranger');
    expect(await list(0, stranger.token)).toEqual({ orders: [], cursor: 0 });
    const [latest] = (await list(0)).orders;
    expect(await list(latest.id + 1, stranger.token)).toEqual({ orders: [], cursor: 0 });
  });

  it('shares products and orders with api-v1', async () => {
    const { order } = await created([{ product_id: pork, count: 1 }]);
    const shown = await mall.orderInfo(buyer, order.id);
    expect(shown).toMatchObject({ order_id: order.id, now_status: 1, total_price: 233 });
  });

  it.each([0, -1, 1.5, '1.5', 1e9, 2147483648, '9007199254740993', null, [], {}, true, '', 'x', 10_000])(
    'refuses the count %j and takes no stock',
    async (count) => {
      const before = await mall.stockOf(pork);
      const reply = await create([{ product_id: pork, count }]);
      expect([reply.status, reply.body.id]).toEqual([400, 'error-bad-request']);
      expect(await mall.stockOf(pork)).toBe(before);
    },
  );

  it.each([
    [undefined],
    [[]],
    ['1'],
    [{}],
    [null],
    [[1]],
    [[{ count: 1 }]],
    [[{ product_id: '1abc', count: 1 }]],
    [[{ product_id: '1' }]],
    [Array.from({ length: 101 }, () => ({ product_id: '1', count: 1 }))],
  ])('refuses the products %j', async (products) => {
    const reply = await create(products);
    expect([reply.status, reply.body.id]).toEqual([400, 'error-bad-request']);
  });

  it('refuses an unknown product, and one that is not on sale', async () => {
    expect((await create([{ product_id: '999999', count: 1 }])).status).toBe(404);
    const owner = await app.login('live-d', 3);
    const hidden = await mall.product(owner);
    await mall.unlist(owner, hidden);
    expect((await create([{ product_id: hidden, count: 1 }])).status).toBe(409);
  });

  it.each([-1, 1.5, 'x', null, [], 2 ** 53])('refuses the cursor %j', async (cursor) => {
    const reply = await app.post('/liveuser/Order/List', { cursor }, buyer.token);
    expect([reply.status, reply.body.id]).toEqual([400, 'error-bad-request']);
  });

  it.each(['Create', 'List'])('refuses Order.%s without and with a bad token', async (method) => {
    for (const token of [undefined, 'undefined']) {
      const reply = await app.post(`/liveuser/Order/${method}`, { products: [], cursor: 0 }, token);
      expect([reply.status, reply.body.id]).toEqual([401, 'error-unauthorized']);
    }
  });
});
