import { beforeAll, describe, expect, it } from '@jest/globals';
import { UsersService } from '../../../src/modules/users/users.service.js';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import type { OrderJson } from '../../support/mall.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { readsOf } from '../../support/statements.js';

/** The document's order; `product_and_count` holds `products` and `count`. */
const ORDER_KEYS = [
  'order_id',
  'owner_user_id',
  'owner_shop_user_id',
  'now_status',
  'total_price',
  'transportation_price',
  'discount_price',
  'product_and_count',
  'person_name',
  'person_phone_number',
  'person_address',
  'order_time',
  'pay_time',
  'verify_time',
  'tracking_number',
  'message',
  'user_phone_number',
  'shop_message',
];
const PRODUCT_KEYS = [
  'id',
  'price',
  'title',
  'description',
  'pictureNumber',
  'ownerUserId',
  'stock',
  'isDrop',
  'detail',
  'detailPictureNumber',
];
const LIST_FIELDS = {
  from: { values: wrong.from },
  length: { values: wrong.length },
  status: { values: wrong.integer(0, 6) },
};

describeMall('订单 API: lists and one order', ({ app, mall, loggedIn }) => {
  const buyer = loggedIn('buyer');
  const stranger = loggedIn('stranger');
  const merchant = loggedIn('m1', 3);
  const rival = loggedIn('m2', 3);
  const root = loggedIn('root', 4);
  /** By status 1 to 6, each from both merchants. */
  const orders: number[][] = [];

  beforeAll(async () => {
    const [pork, beef] = [await mall.product(merchant), await mall.product(rival)];
    for (const status of [1, 2, 3, 4, 5, 6] as const) {
      const ids = await mall.order(buyer, [pork, beef]);
      for (const id of ids) await mall.bring(id, status);
      orders.push(ids);
    }
  });

  const list = async (route: string, user: TestUser, query: object = {}): Promise<OrderJson[]> =>
    succeeded(await app.get(`/api/v1/order/${route}`, query, user.token))['orders'] as OrderJson[];
  const idsOf = async (...parameters: Parameters<typeof list>): Promise<number[]> =>
    (await list(...parameters)).map((order) => order.order_id);
  const newestFirst = (ids: number[]): number[] => [...ids].sort((a, b) => b - a);

  describe('GET order/userOrder', () => {
    it("shows the document's keys, the products with all ten of theirs", async () => {
      for (const order of await list('userOrder', buyer)) {
        expect(Object.keys(order).sort()).toEqual([...ORDER_KEYS].sort());
        const [line] = order['product_and_count'] as { products: object; count: number }[];
        expect(Object.keys(line).sort()).toEqual(['count', 'products']);
        expect(Object.keys(line.products).sort()).toEqual([...PRODUCT_KEYS].sort());
      }
    });

    it('answers all of my orders, newest first, 10 without a length', async () => {
      const mine = newestFirst(orders.flat());
      expect(await idsOf('userOrder', buyer)).toEqual(mine.slice(0, 10));
      expect(await idsOf('userOrder', buyer, { from: 0, length: 50, status: 0 })).toEqual(mine);
      expect(await idsOf('userOrder', buyer, { from: '3', length: '4' })).toEqual(mine.slice(3, 7));
      expect(await idsOf('userOrder', buyer, { from: 12 })).toEqual([]);
      expect(await idsOf('userOrder', buyer, { length: 101 })).toEqual(mine);
    });

    it.each([1, 2, 3, 4, 5, 6])('answers those of status %i when asked for it', async (status) => {
      const found = await list('userOrder', buyer, { status });
      expect(found.map((order) => order.order_id)).toEqual(newestFirst(orders[status - 1]));
      for (const order of found) expect(order.now_status).toBe(status);
    });

    it('shows nobody another order', async () => {
      for (const user of [stranger, merchant, root]) expect(await idsOf('userOrder', user)).toEqual([]);
    });

    it('takes the same few statements for one order as for twelve', async () => {
      const read = (length: number) => readsOf(app, () => list('userOrder', buyer, { length }));
      await read(100);
      const [one, twelve] = [await read(1), await read(100)];
      expect(twelve).toHaveLength(one.length);
      expect(twelve).toHaveLength(2);
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/order/userOrder',
      token: () => buyer.token,
      fields: LIST_FIELDS,
    });
  });

  describe('GET order/shopOrder', () => {
    it('answers the orders placed with me and no others, newest first', async () => {
      const ofMerchant = newestFirst(orders.map(([first]) => first));
      expect(await idsOf('shopOrder', merchant)).toEqual(ofMerchant);
      expect(await idsOf('shopOrder', rival)).toEqual(newestFirst(orders.map(([, second]) => second)));
      expect(await idsOf('shopOrder', merchant, { from: 2, length: 2 })).toEqual(ofMerchant.slice(2, 4));
      expect(await idsOf('shopOrder', root)).toEqual([]);
    });

    it.each([1, 2, 3, 4, 5, 6])('answers those of status %i when asked for it', async (status) => {
      expect(await idsOf('shopOrder', merchant, { status })).toEqual([orders[status - 1][0]]);
    });

    it('takes the same few statements for every length', async () => {
      const read = (length: number) => readsOf(app, () => list('shopOrder', merchant, { length }));
      expect([await read(1), await read(100)].map((statements) => statements.length)).toEqual([2, 2]);
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/order/shopOrder',
      token: () => merchant.token,
      forbidden: () => [buyer.token],
      fields: LIST_FIELDS,
    });
  });

  describe('GET order/orderInfo', () => {
    it('shows one order to its buyer, its merchant and root alike', async () => {
      const [[id]] = orders;
      const seen = await mall.orderInfo(buyer, id);
      expect(Object.keys(seen).sort()).toEqual([...ORDER_KEYS].sort());
      expect(await mall.orderInfo(merchant, id)).toEqual(seen);
      expect(await mall.orderInfo(root, id)).toEqual(seen);
    });

    it('takes two statements, and one where there is nothing to show', async () => {
      const [[id]] = orders;
      expect(await readsOf(app, () => mall.orderInfo(buyer, id))).toHaveLength(2);
      const unknown = () => app.get('/api/v1/order/orderInfo', { order_id: 999_999_999 }, buyer.token);
      expect(await readsOf(app, unknown)).toHaveLength(1);
    });

    it('is the same 404 for a foreign order as for a missing one', async () => {
      const [[id]] = orders;
      const answers = [];
      for (const [user, orderId] of [
        [stranger, id],
        [rival, id],
        [stranger, 999_999_999],
        [root, 999_999_999],
      ] as const) {
        const reply = await app.get('/api/v1/order/orderInfo', { order_id: orderId }, user.token);
        refused(reply, 404, 'order not found');
        answers.push(reply.text);
      }
      expect(new Set(answers).size).toBe(1);
    });

    it('is 404 for a merchant who is one no more', async () => {
      const former = await app.login('former', 3);
      const [id] = await mall.order(buyer, [await mall.product(former)]);
      await mall.bring(id, 5);
      expect((await mall.orderInfo(former, id)).order_id).toBe(id);
      await app.app.get(UsersService).setPermission(former.id, 1);
      refused(await app.get('/api/v1/order/orderInfo', { order_id: id }, former.token), 404);
    });

    it('shows the phone bound to the account of the buyer', async () => {
      const other = await app.login('with-phone');
      const [id] = await mall.order(other, [await mall.product(merchant)]);
      expect(await mall.orderInfo(merchant, id)).toMatchObject({ user_phone_number: '' });
      await app.app.get(UsersService).bindPhone(other.id, '13876545678');
      expect(await mall.orderInfo(merchant, id)).toMatchObject({ user_phone_number: '13876545678' });
      const [listed] = await list('shopOrder', merchant, { length: 1 });
      expect(listed).toMatchObject({ order_id: id, user_phone_number: '13876545678' });
    });

    itRefuses(() => app, {
      method: 'GET',
      path: '/api/v1/order/orderInfo',
      token: () => buyer.token,
      parameters: () => ({ order_id: orders[0][0] }),
      fields: { order_id: { required: true, values: wrong.id } },
    });
  });
});
