import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '../../../src/common/domain-error.js';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';
import { ScriptedPayments } from '../../support/scripted-payments.js';

const order_id = { required: true, values: wrong.id };

describeMall('订单 API: the ways an order ends', ({ app, mall, loggedIn }) => {
  const buyer = loggedIn('buyer');
  const stranger = loggedIn('stranger');
  const merchant = loggedIn('m1', 3);
  const rival = loggedIn('m2', 3);
  const root = loggedIn('root', 7);
  let payments: ScriptedPayments;
  let product: number;

  beforeEach(async () => {
    payments = ScriptedPayments.in(app);
    product = await mall.product(merchant);
  });

  async function orderAt(status: 1 | 2 | 3 | 4 | 5 | 6): Promise<number> {
    const [id] = await mall.order(buyer, [product]);
    await mall.bring(id, status);
    return id;
  }
  const remove = (user: TestUser, id: number) => app.post('/api/v1/order/deleteOrder', { order_id: id }, user.token);
  const cancel = (user: TestUser, id: number) => app.post('/api/v1/order/cancel', { order_id: id }, user.token);
  const listed = async (route: string, user: TestUser): Promise<number[]> =>
    (succeeded(await app.get(`/api/v1/order/${route}`, {}, user.token))['orders'] as { order_id: number }[]).map(
      (order) => order.order_id,
    );

  describe('POST order/deleteOrder', () => {
    it.each([3, 4, 5, 6] as const)(
      'hides an order in status %i from its buyer only, stock and status stay',
      async (status) => {
        const id = await orderAt(status);
        const stock = await mall.stockOf(product);
        expect(succeeded(await remove(buyer, id))).toEqual({});
        expect(await listed('userOrder', buyer)).not.toContain(id);
        refused(await app.get('/api/v1/order/orderInfo', { order_id: id }, buyer.token), 404);
        expect(await listed('shopOrder', merchant)).toContain(id);
        for (const user of [merchant, root]) expect((await mall.orderInfo(user, id)).now_status).toBe(status);
        expect(await mall.stockOf(product)).toBe(stock);
      },
    );

    it('closes and restocks an unpaid one', async () => {
      const id = await orderAt(1);
      expect(await mall.stockOf(product)).toBe(31);
      succeeded(await remove(buyer, id));
      expect(await mall.stockOf(product)).toBe(32);
      expect((await mall.orderInfo(merchant, id)).now_status).toBe(5);
      expect(await mall.historyOf(id)).toEqual([`1>5 buyer ${buyer.id}`]);
      expect(payments.asked).toEqual([[id]]);
    });

    it('is 409 while receipt is awaited', async () => {
      const id = await orderAt(2);
      refused(await remove(buyer, id), 409);
      expect(await listed('userOrder', buyer)).toContain(id);
    });

    it('is 404 once deleted, and for strangers; 403 for those who see it but did not place it', async () => {
      const id = await orderAt(3);
      for (const user of [stranger, rival]) refused(await remove(user, id), 404, 'order not found');
      for (const user of [merchant, root]) refused(await remove(user, id), 403);
      refused(await remove(buyer, 999_999_999), 404, 'order not found');
      expect(await listed('userOrder', buyer)).toContain(id);
      succeeded(await remove(buyer, id));
      refused(await remove(buyer, id), 404, 'order not found');
    });

    it('leaves an unpaid order alone while WeChat cannot say whether it is paid', async () => {
      const id = await orderAt(1);
      payments.failure = new DomainError('conflict', 'WeChat does not answer');
      refused(await remove(buyer, id), 409);
      payments.failure = null;
      payments.open = true;
      refused(await remove(buyer, id), 409);
      payments.open = false;
      payments.meanwhile = () => mall.bring(id, 2);
      refused(await remove(buyer, id), 409, 'the order is awaiting receipt');
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(2);
      expect(await mall.stockOf(product)).toBe(31);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/order/deleteOrder',
      token: () => buyer.token,
      parameters: () => ({ order_id: 1 }),
      fields: { order_id },
    });
  });

  describe('POST order/cancel (beyond the document)', () => {
    it('lets the buyer, the merchant and root close an unpaid order; the goods go back', async () => {
      for (const [user, kind] of [
        [buyer, 'buyer'],
        [merchant, 'merchant'],
        [root, 'root'],
      ] as const) {
        const id = await orderAt(1);
        expect(succeeded(await cancel(user, id))).toEqual({});
        expect((await mall.orderInfo(buyer, id)).now_status).toBe(5);
        expect(await mall.historyOf(id)).toEqual([`1>5 ${kind} ${user.id}`]);
        expect(await mall.stockOf(product)).toBe(32);
      }
    });

    it('gives back exactly what each line took', async () => {
      const other = await mall.product(merchant);
      await mall.fillCart(buyer, product, 3);
      await mall.fillCart(buyer, other, 4);
      const body = {
        product_ids: [product, other],
        transportation_price: 0,
        name: 'n',
        phone_number: '1',
        address: 'a',
      };
      const reply = await app.post('/api/v1/order/generateOrder', body, buyer.token);
      const [id] = succeeded(reply)['order_id'] as number[];
      expect([await mall.stockOf(product), await mall.stockOf(other)]).toEqual([29, 28]);
      succeeded(await cancel(buyer, id));
      expect([await mall.stockOf(product), await mall.stockOf(other)]).toEqual([32, 32]);
    });

    it.each([2, 3, 4, 5, 6] as const)('is 409 in status %i, and nothing moves', async (status) => {
      const id = await orderAt(status);
      const [stock, history] = [await mall.stockOf(product), await mall.historyOf(id)];
      for (const user of [buyer, merchant, root]) refused(await cancel(user, id), 409);
      expect(await mall.stockOf(product)).toBe(stock);
      expect(await mall.historyOf(id)).toEqual(history);
      expect(payments.asked).toEqual([]);
    });

    it('is 404 for strangers, and WeChat is not asked', async () => {
      const id = await orderAt(1);
      for (const user of [stranger, rival]) refused(await cancel(user, id), 404, 'order not found');
      refused(await cancel(buyer, 999_999_999), 404, 'order not found');
      expect(payments.asked).toEqual([]);
      expect((await mall.orderInfo(buyer, id)).now_status).toBe(1);
    });

    it('is 409 while WeChat cannot say whether it is paid, and when it is', async () => {
      const id = await orderAt(1);
      payments.failure = new DomainError('conflict', 'WeChat does not answer');
      refused(await cancel(buyer, id), 409, 'WeChat does not answer');
      payments.failure = null;
      payments.open = true;
      refused(await cancel(buyer, id), 409);
      payments.open = false;
      payments.meanwhile = () => mall.bring(id, 2);
      refused(await cancel(buyer, id), 409, 'the order is not awaiting payment');
      expect(await mall.stockOf(product)).toBe(31);
    });

    it('closes and restocks once when many ask at once', async () => {
      const id = await orderAt(1);
      const replies = await Promise.all(
        [buyer, merchant, root, buyer, buyer, merchant].map((user) => cancel(user, id)),
      );
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
      for (const reply of replies) if (reply.status !== 200) refused(reply, 409);
      expect(await mall.stockOf(product)).toBe(32);
      expect(await mall.historyOf(id)).toHaveLength(1);
    });

    it('answers the same again for the same Idempotency-Key', async () => {
      const [id, other] = [await orderAt(1), await orderAt(1)];
      const keyed = (orderId: number) => cancel(buyer, orderId).set('Idempotency-Key', 'c1');
      const one = await keyed(id);
      const again = await keyed(id);
      expect(succeeded(one)).toEqual({});
      expect([again.status, again.body]).toEqual([one.status, one.body]);
      expect([one.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
      refused(await keyed(other), 409);
      expect((await mall.orderInfo(buyer, other)).now_status).toBe(1);
      expect(await mall.stockOf(product)).toBe(31);
    });

    itRefuses(() => app, {
      method: 'POST',
      path: '/api/v1/order/cancel',
      token: () => buyer.token,
      parameters: () => ({ order_id: 1 }),
      fields: { order_id },
    });
  });
});
