import { beforeEach, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { EVIL } from '../../support/browsers.js';
import { grant, WEB_ENV, WebClient } from '../../support/web.js';

const KEYS = ['id', 'name', 'description', 'icon', 'shop_id', 'price', 'create_at', 'update_at'];

describeMall('web: /cart/pay_with_balance and /cart/pay_with_coupon', { env: WEB_ENV }, ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  const second = loggedIn('second', 3);
  let client: WebClient & { userId: number };
  let cheap: number;
  let dear: number;
  let foreign: number;

  beforeEach(async () => {
    client = await WebClient.signUp(app);
    cheap = await mall.product(merchant, { price: 1, title: 'cheap', stock: 100 });
    dear = await mall.product(merchant, { price: 50, title: 'dear', stock: 100 });
    foreign = await mall.product(second, { price: 2, title: 'foreign', stock: 100 });
  });

  async function fill(...lines: [product: number, num: number][]): Promise<void> {
    for (const [product_id] of lines) await client.post('/cart', { product_id });
    const rows = (await client.get('/cart')).body.data as { id: number; product: number }[];
    for (const [product, num] of lines) {
      const line = rows.find((row) => row.product === product)!;
      await client.post('/cart/update', { cart_id: line.id, num });
    }
  }
  const cart = async () =>
    ((await client.get('/cart')).body.data as { product: number; num: number }[]).map(({ product, num }) => [
      product,
      num,
    ]);
  const wallet = async () => {
    const { balance, coupon } = (await client.get('/user')).body.data as { balance: number; coupon: number };
    return [balance, coupon];
  };
  const idsOf = (list: unknown) => (list as { id: number }[]).map(({ id }) => id);

  it.each([
    ['balance', 'CNY'],
    ['coupon', 'COUPON'],
  ] as const)(
    'pay_with_%s buys every line, price times num, one entry a line, and empties the cart',
    async (channel, asset) => {
      await grant(app, client.userId, asset, 10_000);
      await fill([cheap, 3], [foreign, 2]);
      const { status, body } = await client.post(`/cart/pay_with_${channel}`);
      expect([status, body.code]).toEqual([200, 0]);
      expect(Object.keys(body.data as object)).toEqual(['success', 'fail']);
      expect(Object.keys(body.data.success[0] as object)).toEqual(KEYS);
      expect(body.data).toMatchObject({
        success: [
          { id: cheap, price: 100, shop_id: merchant.id },
          { id: foreign, price: 200, shop_id: second.id },
        ],
        fail: [],
      });
      expect(await cart()).toEqual([]);
      expect(await wallet()).toEqual(channel === 'balance' ? [10_000 - 700, 0] : [0, 10_000 - 700]);
    },
  );

  it('leaves in the cart what it could not buy, and buys what comes after it', async () => {
    const soldOut = await mall.product(merchant, { price: 1, stock: 1 });
    const gone = await mall.product(merchant, { price: 1 });
    await grant(app, client.userId, 'CNY', 1000);
    await fill([dear, 1], [soldOut, 2], [gone, 1], [cheap, 2], [foreign, 1]);
    await mall.unlist(merchant, gone);
    const { body } = await client.post('/cart/pay_with_balance');
    expect(body.code).toBe(0);
    expect([idsOf(body.data.success), idsOf(body.data.fail)]).toEqual([
      [cheap, foreign],
      [dear, soldOut, gone],
    ]);
    expect(await cart()).toEqual([
      [dear, 1],
      [soldOut, 2],
      [gone, 1],
    ]);
    expect(await wallet()).toEqual([600, 0]);
  });

  it('splits no line: too little for all its pieces buys none of them', async () => {
    await grant(app, client.userId, 'CNY', 250);
    await fill([cheap, 3]);
    const { body } = await client.post('/cart/pay_with_balance');
    expect([idsOf(body.data.success), idsOf(body.data.fail)]).toEqual([[], [cheap]]);
    expect(await wallet()).toEqual([250, 0]);
    expect(await cart()).toEqual([[cheap, 3]]);
  });

  it('fails a line whose price times num is beyond 2^31 fen', async () => {
    const huge = await mall.product(merchant, { price: 2_000_000, stock: 9999 });
    await fill([huge, 20]);
    const { body } = await client.post('/cart/pay_with_coupon');
    expect([body.code, idsOf(body.data.fail)]).toEqual([0, [huge]]);
  });

  it('is an empty success for an empty cart', async () => {
    expect((await client.post('/cart/pay_with_balance')).body).toEqual({ code: 0, data: { success: [], fail: [] } });
  });

  it('tells each purchase in the ledger', async () => {
    await grant(app, client.userId, 'CNY', 10_000);
    await fill([cheap, 3], [foreign, 1]);
    await client.post('/cart/pay_with_balance');
    const { body } = await client.get('/ledgers', { type: 0, length: 2 });
    expect(body.data).toMatchObject([
      { name: 'foreign', money: -200, item_id: foreign },
      { name: 'cheap', money: -300, item_id: cheap },
    ]);
  });

  it('charges each line once under 10 parallel payments with ample money', async () => {
    await grant(app, client.userId, 'CNY', 100_000);
    await fill([cheap, 2], [foreign, 1], [dear, 1]);
    const replies = await Promise.all(Array.from({ length: 10 }, () => client.post('/cart/pay_with_balance')));
    const bought = replies.flatMap((reply) => idsOf(reply.body.data.success));
    expect(bought.sort((a, b) => a - b)).toEqual([cheap, dear, foreign].sort((a, b) => a - b));
    expect(await wallet()).toEqual([100_000 - 200 - 200 - 5000, 0]);
    expect(await cart()).toEqual([]);
  });

  it('answers the same to the same Idempotency-Key and charges once', async () => {
    await grant(app, client.userId, 'CNY', 10_000);
    await fill([cheap, 1]);
    const key = { 'Idempotency-Key': 'cart-once' };
    const first = await client.post('/cart/pay_with_balance', {}, key);
    await fill([cheap, 1]);
    const again = await client.post('/cart/pay_with_balance', {}, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await wallet()).toEqual([9900, 0]);
    expect(await cart()).toEqual([[cheap, 1]]);
  });

  it('answers 10003 without a login, and pays nothing for a foreign or null Origin or another site', async () => {
    await grant(app, client.userId, 'CNY', 10_000);
    await fill([cheap, 1]);
    for (const channel of ['balance', 'coupon']) {
      expect((await new WebClient(app).post(`/cart/pay_with_${channel}`)).body.code).toBe(10003);
      const hostileHeaders: Record<string, string>[] = [
        { Origin: EVIL },
        { Origin: 'null' },
        { 'Sec-Fetch-Site': 'cross-site' },
      ];
      for (const headers of hostileHeaders) {
        for (const send of ['post', 'form'] as const) {
          expect((await client[send](`/cart/pay_with_${channel}`, { a: 1 }, headers)).body.code).toBe(10001);
        }
      }
      expect((await client.get(`/cart/pay_with_${channel}`)).status).toBe(404);
    }
    expect(await wallet()).toEqual([10_000, 0]);
  });
});
