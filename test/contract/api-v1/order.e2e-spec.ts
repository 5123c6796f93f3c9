import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { succeeded } from '../../support/api-v1.js';
import { TestApp, type TestUser } from '../../support/app.js';
import { Mall, PORK, TERMS } from '../../support/mall.js';

const PATH = '/api/v1/order/generateOrder';

describe('POST order/generateOrder', () => {
  let app: TestApp;
  let mall: Mall;
  let buyer: TestUser;
  let first: TestUser;
  let second: TestUser;

  beforeAll(async () => {
    app = await TestApp.start();
    mall = new Mall(app);
    [buyer, first, second] = [await app.login('buyer'), await app.login('m1', 3), await app.login('m2', 3)];
  });
  afterAll(() => app.stop());

  const place = (body: object, user = buyer) => app.post(PATH, { ...TERMS, ...body }, user.token);

  it('makes one order for each merchant in order of first appearance, with the full freight on each', async () => {
    const [a, b, c] = [
      await mall.product(second),
      await mall.product(first, { price: PORK.price }),
      await mall.product(second),
    ];
    for (const [id, count] of [
      [b, 2],
      [a, 3],
      [c, 1],
    ])
      await mall.fillCart(buyer, id, count);

    const ids = succeeded(await place({ product_ids: [a, b, c] }))['order_id'] as number[];
    expect(ids).toHaveLength(2);
    const [one, two] = [await mall.orderInfo(buyer, ids[0]), await mall.orderInfo(buyer, ids[1])];
    expect(one).toMatchObject({ owner_shop_user_id: second.id, total_price: 233 * 4 + 5.5, transportation_price: 5.5 });
    expect(two).toMatchObject({ owner_shop_user_id: first.id, total_price: 233 * 2 + 5.5, transportation_price: 5.5 });
    expect([await mall.stockOf(a), await mall.stockOf(b), await mall.stockOf(c)]).toEqual([29, 30, 31]);
    expect(await mall.cartOf(buyer)).toEqual([]);
  });
});
