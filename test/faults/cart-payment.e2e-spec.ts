import { expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { breakCommits } from '../support/broken-commits.js';
import { openTill } from '../support/till.js';

const { app, mall, till, loggedIn, merchant, second } = openTill();
const [ann, ben, cas, dan] = ['ann', 'ben', 'cas', 'dan'].map((name) => loggedIn(name));

type Buyer = typeof ann;

const pay = (buyer: Buyer, key: string, site = app): PromiseLike<Response> =>
  site.post('/cart/pay_with_balance', {}, buyer.token).set('Idempotency-Key', key);

/** Products of 1 yuan in the cart, which the buyer can pay; returns their ids in cart order. */
async function fill(buyer: Buyer, lines: number): Promise<number[]> {
  await till.grant(buyer, 'CNY', 100);
  const products: number[] = [];
  for (let line = 0; line < lines; line += 1) {
    products.push(await mall.product(line % 2 === 0 ? merchant : second, { price: 1, stock: 10 }));
    await mall.fillCart(buyer, products[line]);
  }
  return products;
}

function told({ body }: Response): { success: number[]; fail: number[] } {
  const { code, data } = body as { code: number; data: Record<'success' | 'fail', { id: number }[]> };
  expect(code).toBe(0);
  const [success, fail] = [data.success, data.fail].map((list) => list.map(({ id }) => id));
  return { success, fail };
}

async function expectChargedOnce(buyer: Buyer, bought: readonly number[]): Promise<void> {
  expect(await till.wallet(buyer)).toEqual({ balance: 100 - bought.length, coupon: 0 });
  for (const product of bought) expect(await mall.stockOf(product)).toBe(9);
  expect((await mall.cartOf(buyer)).filter(([product]) => bought.includes(product))).toEqual([]);
}

it('a cart payment that a fault cut off tells under its key all lines as bought that were charged, before and after', async () => {
  const products = await fill(ann, 4);
  const mend = breakCommits(app, 3);
  expect((await pay(ann, 'cut')).status).toBe(503);
  mend();
  const charged = 100 - (await till.wallet(ann)).balance;
  expect(charged).toBe(2);
  const again = await pay(ann, 'cut');
  expect(told(again)).toEqual({ success: products, fail: [] });
  await expectChargedOnce(ann, products);
  const replay = await pay(ann, 'cut');
  expect(replay.body).toEqual(again.body);
  expect(replay.headers['idempotency-replayed']).toBe('true');
  await expectChargedOnce(ann, products);
});

it('a key whose instance died is answered at once by another, with the lines that the dead one bought', async () => {
  const products = await fill(ben, 3);
  const dying = await app.beside();
  breakCommits(dying, 2);
  expect((await pay(ben, 'dead', dying)).status).toBe(503);
  await dying.stop();
  expect(told(await pay(ben, 'dead'))).toEqual({ success: products, fail: [] });
  await expectChargedOnce(ben, products);
});

it('a line that was refused stays refused under the key, whatever has changed since, and a new key buys it', async () => {
  const products = await fill(cas, 3);
  await mall.unlist(merchant, products[0]);
  const first = await pay(cas, 'refused');
  expect(told(first)).toEqual({ success: products.slice(1), fail: products.slice(0, 1) });
  await app.post('/api/v1/shop/putProduct', { id: products[0] }, merchant.token);
  expect(told(await pay(cas, 'refused'))).toEqual(told(first));
  await expectChargedOnce(cas, products.slice(1));
  expect(told(await pay(cas, 'anew'))).toEqual({ success: products.slice(0, 1), fail: [] });
  await expectChargedOnce(cas, products);
});

it('what is put into the cart after the first try is not bought by a repeat, and repeats at once tell the same', async () => {
  const products = await fill(dan, 3);
  const replies = await Promise.all(Array.from({ length: 6 }, () => pay(dan, 'at-once')));
  for (const reply of replies) expect(told(reply)).toEqual({ success: products, fail: [] });
  await mall.fillCart(dan, products[0]);
  expect(told(await pay(dan, 'at-once'))).toEqual({ success: products, fail: [] });
  expect(await mall.cartOf(dan)).toEqual([[products[0], 1]]);
  expect(await till.wallet(dan)).toEqual({ balance: 97, coupon: 0 });
});
