import { beforeAll, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { itRefuses, wrong } from '../../support/refusals.js';

const PATH = '/api/v1/order/addTrackingNumber';
const EXAMPLE = ['75844515448966', '75234515448968', '75584515448966'];

describeMall('订单 API: POST order/addTrackingNumber', ({ app, mall, loggedIn }) => {
  const buyer = loggedIn('buyer');
  const merchant = loggedIn('m1', 3);
  const rival = loggedIn('m2', 3);
  const root = loggedIn('root', 4);
  let product: number;

  beforeAll(async () => {
    product = await mall.product(merchant, { stock: 1000 });
  });

  async function orderAt(status: 1 | 2 | 3 | 4 | 5 | 6, by = buyer): Promise<number> {
    const [id] = await mall.order(by, [product]);
    await mall.bring(id, status);
    return id;
  }
  const add = (user: TestUser, id: number, numbers: unknown[]) =>
    app.post(PATH, { order_id: id, tracking_number: numbers }, user.token);
  const numbersOf = async (id: number): Promise<string[]> => (await mall.orderInfo(root, id)).tracking_number;

  it("appends the document's numbers and drops duplicates", async () => {
    const id = await orderAt(2);
    expect(succeeded(await add(merchant, id, EXAMPLE.slice(0, 2)))).toEqual({});
    succeeded(await add(merchant, id, [EXAMPLE[2], EXAMPLE[0], EXAMPLE[2]]));
    expect(await numbersOf(id)).toEqual(EXAMPLE);
  });

  it('is for the merchant and root, while the order awaits receipt or review', async () => {
    for (const status of [2, 3] as const) {
      const id = await orderAt(status);
      succeeded(await add(merchant, id, ['a']));
      succeeded(await add(root, id, ['b']));
      expect(await numbersOf(id)).toEqual(['a', 'b']);
    }
  });

  it.each([1, 4, 5, 6] as const)('is 409 in status %i', async (status) => {
    const id = await orderAt(status);
    refused(await add(merchant, id, ['a']), 409);
    expect(await numbersOf(id)).toEqual([]);
  });

  it('is 403 for the buyer, a merchant too, also of his own shop; 404 for other merchants', async () => {
    const id = await orderAt(2);
    for (const by of [rival, merchant]) refused(await add(by, await orderAt(2, by), ['a']), 403);
    refused(await add(rival, id, ['a']), 404, 'order not found');
    refused(await add(root, 999_999_999, ['a']), 404, 'order not found');
    expect(await numbersOf(id)).toEqual([]);
  });

  it('takes texts of 1 to 64 characters as they are', async () => {
    const id = await orderAt(2);
    const texts = [' ', '<b>"\'</b>', '号'.repeat(64)];
    succeeded(await add(merchant, id, texts));
    expect(await numbersOf(id)).toEqual(texts);
  });

  it('takes at most 20, otherwise none of them', async () => {
    const id = await orderAt(2);
    const many = Array.from({ length: 20 }, (_, index) => `n${index}`);
    refused(await add(merchant, id, [...many, 'n20']), 400);
    expect(await numbersOf(id)).toEqual([]);
    succeeded(await add(merchant, id, [...many, ...many]));
    refused(await add(merchant, id, ['n0', 'n20']), 400);
    succeeded(await add(merchant, id, ['n0']));
    expect(await numbersOf(id)).toEqual(many);
  });

  it('loses none of the numbers that are added at once', async () => {
    const id = await orderAt(2);
    const replies = await Promise.all(Array.from({ length: 15 }, (_, index) => add(merchant, id, [`p${index}`])));
    for (const reply of replies) succeeded(reply);
    expect(await numbersOf(id)).toHaveLength(15);
  });

  itRefuses(() => app, {
    method: 'POST',
    path: PATH,
    token: () => merchant.token,
    forbidden: () => [buyer.token],
    parameters: () => ({ order_id: 1, tracking_number: EXAMPLE }),
    fields: {
      order_id: { required: true, values: wrong.id },
      tracking_number: {
        required: true,
        values: ['', 'a', 1, null, {}, [], [1], [null], [['a']], [''], ['x'.repeat(65)], ['a\0'], Array(501).fill('a')],
      },
    },
  });
});
