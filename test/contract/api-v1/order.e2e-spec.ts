import { beforeEach, describe, expect, it } from '@jest/globals';
import { fen } from '../../../src/common/money.js';
import { ShopService } from '../../../src/modules/products/shop.service.js';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { PRODUCT, TERMS } from '../../support/mall.js';
import { itRefuses, wrong } from '../../support/refusals.js';

const PATH = '/api/v1/order/generateOrder';
let logins = 0;

describeMall('订单 API: POST order/generateOrder', ({ app, mall, loggedIn }) => {
  const first = loggedIn('m1', 3);
  const second = loggedIn('m2', 3);
  let buyer: TestUser;

  beforeEach(async () => {
    buyer = await app.login(`buyer-${(logins += 1)}`);
  });

  const place = (body: object, user = buyer) => app.post(PATH, { ...TERMS, ...body }, user.token);
  const placed = async (body: object): Promise<number[]> => succeeded(await place(body))['order_id'] as number[];
  const ordersOf = async (user: TestUser): Promise<unknown[]> =>
    succeeded(await app.get('/api/v1/order/userOrder', {}, user.token))['orders'] as unknown[];

  it("takes the document's example and makes an unpaid order with the terms as given", async () => {
    const product = await mall.product(first);
    await mall.fillCart(buyer, product, 3);
    const [orderId] = await placed({ product_ids: [product] });
    const order = await mall.orderInfo(buyer, orderId);
    const now = Date.now() / 1000;
    expect(order).toEqual({
      order_id: orderId,
      owner_user_id: buyer.id,
      owner_shop_user_id: first.id,
      now_status: 1,
      total_price: 704.5,
      transportation_price: 5.5,
      discount_price: 0,
      product_and_count: [
        {
          products: {
            id: product,
            price: 233,
            title: PRODUCT.title,
            description: PRODUCT.description,
            pictureNumber: 2,
            ownerUserId: first.id,
            stock: 29,
            isDrop: false,
            detail: PRODUCT.detail,
            detailPictureNumber: 3,
          },
          count: 3,
        },
      ],
      person_name: TERMS.name,
      person_phone_number: TERMS.phone_number,
      person_address: TERMS.address,
      order_time: expect.any(Number),
      pay_time: 0,
      verify_time: 0,
      tracking_number: [],
      message: TERMS.message,
      user_phone_number: '',
      shop_message: '',
    });
    expect(Math.abs(Number(order['order_time']) - now)).toBeLessThan(60);
  });

  it('makes one order for each merchant in order of first appearance, with the full freight on each', async () => {
    const [a, b, c] = [await mall.product(second), await mall.product(first), await mall.product(second)];
    await mall.fillCart(buyer, b, 2);
    await mall.fillCart(buyer, a, 3);
    await mall.fillCart(buyer, c, 1);
    const ids = await placed({ product_ids: [a, b, c] });
    expect(ids).toHaveLength(2);
    const [one, two] = [await mall.orderInfo(buyer, ids[0]), await mall.orderInfo(buyer, ids[1])];
    expect(one).toMatchObject({ owner_shop_user_id: second.id, total_price: 937.5, transportation_price: 5.5 });
    expect(two).toMatchObject({ owner_shop_user_id: first.id, total_price: 471.5, transportation_price: 5.5 });
    const countsOf = (order: Record<string, unknown>) =>
      (order['product_and_count'] as { products: { id: number }; count: number }[]).map((line) => [
        line.products.id,
        line.count,
      ]);
    expect(countsOf(one)).toEqual([
      [a, 3],
      [c, 1],
    ]);
    expect(countsOf(two)).toEqual([[b, 2]]);
    expect([await mall.stockOf(a), await mall.stockOf(b), await mall.stockOf(c)]).toEqual([29, 30, 31]);
  });

  it('takes the ordered lines out of the cart and leaves the others', async () => {
    const [a, b] = [await mall.product(first), await mall.product(second)];
    await mall.fillCart(buyer, a, 2);
    await mall.fillCart(buyer, b, 3);
    await placed({ product_ids: [a] });
    expect(await mall.cartOf(buyer)).toEqual([[b, 3]]);
  });

  it('counts repeated ids once', async () => {
    const product = await mall.product(first);
    await mall.fillCart(buyer, product, 2);
    expect(await placed({ product_ids: [product, String(product), product] })).toHaveLength(1);
    expect(await mall.stockOf(product)).toBe(30);
  });

  it('needs no message, and takes freight from 0 to 10000 yuan, as text too', async () => {
    for (const freight of [0, 10000, '0.01']) {
      const product = await mall.product(first);
      const [orderId] = await mall.order(buyer, [product], { transportation_price: freight, message: undefined });
      expect(await mall.orderInfo(buyer, orderId)).toMatchObject({
        transportation_price: Number(freight),
        message: '',
      });
    }
  });

  it('sums to the fen', async () => {
    const product = await mall.product(first, { price: 1.15 });
    await mall.fillCart(buyer, product, 3);
    const [orderId] = await placed({ product_ids: [product], transportation_price: 0.1 });
    expect(await mall.orderInfo(buyer, orderId)).toMatchObject({ total_price: 3.55 });
  });

  it('refuses a total of 2^31 fen or more, and takes nothing', async () => {
    const product = await mall.product(first, { price: 2000000 });
    await mall.fillCart(buyer, product, 11);
    refused(await place({ product_ids: [product] }), 400);
    await mall.fillCart(buyer, product, 10);
    const tooMuchFreight = { product_ids: [product], transportation_price: 10_000 };
    expect(await placed(tooMuchFreight)).toHaveLength(1);
    const [limit, one] = [await mall.product(first, { price: (2 ** 31 - 1) / 100 }), await mall.product(second)];
    await mall.fillCart(buyer, limit);
    await mall.fillCart(buyer, one);
    refused(await place({ product_ids: [one, limit], transportation_price: 0.01 }), 400);
    expect([await mall.stockOf(limit), await mall.stockOf(one), await mall.stockOf(product)]).toEqual([32, 32, 22]);
    expect(await mall.cartOf(buyer)).toEqual([
      [limit, 1],
      [one, 1],
    ]);
  });

  describe('is all or nothing', () => {
    let good: number;

    beforeEach(async () => {
      good = await mall.product(first);
      await mall.fillCart(buyer, good, 2);
    });

    async function changesNothing(other: number, cart: [number, number][]): Promise<void> {
      refused(await place({ product_ids: [good, other] }), 409);
      refused(await place({ product_ids: [other, good] }), 409);
      expect(await mall.stockOf(good)).toBe(32);
      expect(await mall.cartOf(buyer)).toEqual(cart);
      expect(await ordersOf(buyer)).toEqual([]);
    }

    it('when a product is not in the cart, or does not exist', async () => {
      const elsewhere = await mall.product(second);
      await mall.fillCart(await app.login('somebody-else'), elsewhere);
      await changesNothing(elsewhere, [[good, 2]]);
      await changesNothing(999_999_999, [[good, 2]]);
    });

    it('when a product was unlisted', async () => {
      const dropped = await mall.product(second);
      await mall.fillCart(buyer, dropped);
      await mall.unlist(second, dropped);
      await changesNothing(dropped, [
        [good, 2],
        [dropped, 1],
      ]);
    });

    it('when a product has too few pieces', async () => {
      const scarce = await mall.product(second, { stock: 2 });
      await mall.fillCart(buyer, scarce, 3);
      await changesNothing(scarce, [
        [good, 2],
        [scarce, 3],
      ]);
      expect(await mall.stockOf(scarce)).toBe(2);
    });
  });

  it('keeps the product as bought, whatever the merchant changes later, beside its stock and listing of today', async () => {
    const product = await mall.product(first);
    const [orderId] = await mall.order(buyer, [product]);
    const shop = app.app.get(ShopService);
    await shop.updateProduct(first.id, product, { price: fen(1), title: '别的', description: '别的', stock: 7 });
    await mall.unlist(first, product);
    expect(await mall.orderInfo(buyer, orderId)).toMatchObject({
      total_price: 238.5,
      product_and_count: [
        {
          products: {
            id: product,
            price: 233,
            title: PRODUCT.title,
            description: PRODUCT.description,
            stock: 7,
            isDrop: true,
          },
          count: 1,
        },
      ],
    });
  });

  it('ignores prices, owners and states in the body', async () => {
    const product = await mall.product(first);
    const [orderId] = await mall.order(buyer, [product], {
      price: 0.01,
      total_price: 0.01,
      discount_price: 200,
      status: 2,
      now_status: 4,
      owner_user_id: first.id,
      buyer_id: first.id,
    });
    expect(await mall.orderInfo(buyer, orderId)).toMatchObject({
      total_price: 238.5,
      discount_price: 0,
      now_status: 1,
      owner_user_id: buyer.id,
    });
  });

  it('keeps texts to the character, up to their lengths', async () => {
    const product = await mall.product(first);
    const texts = { name: '🐷'.repeat(64), phone_number: '+'.repeat(32), address: "';--%_\\".padEnd(500, '区') };
    const [orderId] = await mall.order(buyer, [product], { ...texts, message: '言'.repeat(500) });
    expect(await mall.orderInfo(buyer, orderId)).toMatchObject({
      person_name: texts.name,
      person_phone_number: texts.phone_number,
      person_address: texts.address,
      message: '言'.repeat(500),
    });
  });

  it('lets a merchant buy from his own shop', async () => {
    const product = await mall.product(first);
    const [orderId] = await mall.order(first, [product]);
    expect(await mall.orderInfo(first, orderId)).toMatchObject({
      owner_user_id: first.id,
      owner_shop_user_id: first.id,
    });
  });

  it('orders one cart once when the button is pressed many times at once', async () => {
    const product = await mall.product(first);
    await mall.fillCart(buyer, product, 2);
    const replies = await Promise.all(Array.from({ length: 10 }, () => place({ product_ids: [product] })));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    for (const reply of replies) expect([200, 409]).toContain(reply.status);
    expect(await mall.stockOf(product)).toBe(30);
    expect(await ordersOf(buyer)).toHaveLength(1);
  });

  it('answers the same again for the same Idempotency-Key, one after the other and all at once', async () => {
    const product = await mall.product(first);
    await mall.fillCart(buyer, product, 2);
    const keyed = (body: object, key: string) => place(body, buyer).set('Idempotency-Key', key);
    const one = await keyed({ product_ids: [product] }, 'k1');
    const again = await keyed({ product_ids: [product] }, 'k1');
    expect(again.body).toEqual(one.body);
    expect([one.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    refused(await keyed({ product_ids: [product], name: 'other' }, 'k1'), 409);

    await mall.fillCart(buyer, product, 3);
    const many = await Promise.all(Array.from({ length: 20 }, () => keyed({ product_ids: [product] }, 'k2')));
    const answered = many.filter((reply) => reply.status === 200);
    for (const reply of many) if (reply.status !== 200) refused(reply, 409);
    expect(new Set(answered.map((reply) => JSON.stringify(reply.body))).size).toBe(1);
    expect(await ordersOf(buyer)).toHaveLength(2);
    expect(await mall.stockOf(product)).toBe(27);
  });

  it('may be tried again with the same Idempotency-Key after a refusal', async () => {
    const product = await mall.product(first, { stock: 0 });
    await mall.fillCart(buyer, product);
    refused(await place({ product_ids: [product] }).set('Idempotency-Key', 'k3'), 409, 'out of stock');
    await app.app.get(ShopService).updateProduct(first.id, product, { stock: 1 });
    succeeded(await place({ product_ids: [product] }).set('Idempotency-Key', 'k3'));
  });

  itRefuses(() => app, {
    method: 'POST',
    path: PATH,
    token: () => buyer.token,
    parameters: () => ({ ...TERMS, product_ids: [1] }),
    fields: {
      product_ids: { required: true, values: wrong.idList(1, 500) },
      transportation_price: { required: true, values: wrong.yuan(0, 10_000) },
      name: { required: true, values: wrong.text(1, 64) },
      phone_number: { required: true, values: wrong.text(1, 32) },
      address: { required: true, values: wrong.text(1, 500) },
      message: { values: wrong.text(0, 500) },
    },
  });
});
