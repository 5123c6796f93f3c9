import { beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestUser } from '../support/app.js';
import { PRODUCT, TERMS } from '../support/mall.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../support/open.js';
import { statementsOf } from '../support/statements.js';
import { openTill } from '../support/till.js';

declare const testDatabase: 'sqlite' | 'mysql';

const { app, mall, till, merchant, second } = openTill();
const partner = partnerOf(app);
const CROWD = 24;
let crowd: TestUser[];

beforeAll(async () => {
  crowd = await Promise.all(Array.from({ length: CROWD }, (_, index) => app.login(`together-${index}`)));
  await Promise.all(crowd.map((buyer) => till.grant(buyer, 'CNY', 1_000_000)));
});

const place = (buyer: TestUser, productIds: readonly number[]): PromiseLike<Response> =>
  app.post('/api/v1/order/generateOrder', { ...TERMS, product_ids: productIds }, buyer.token);

async function placed(buyer: TestUser, productIds: readonly number[]): Promise<number[]> {
  for (const product of productIds) await mall.fillCart(buyer, product);
  return succeeded(await place(buyer, productIds))['order_id'] as number[];
}

async function ordersOf(buyer: TestUser, status: string): Promise<number> {
  const sql = 'SELECT COUNT(*) AS orders FROM orders WHERE buyer_id = ? AND status = ?';
  const [row] = await app.rows<{ orders: number }>(sql, [buyer.id, status]);
  return Number(row.orders);
}

it('orders of one moment share their statements, and each buyer gets his own', async () => {
  const products = [await mall.product(merchant, { stock: 500 }), await mall.product(second, { stock: 500 })];
  for (const buyer of crowd) for (const product of products) await mall.fillCart(buyer, product);
  let replies: Response[] = [];
  const sent = await statementsOf(app, async () => {
    replies = await Promise.all(crowd.map((buyer) => place(buyer, products)));
  });
  // On SQLite a transaction ends in the turn in which it began: only requests of one turn can share it.
  const most = testDatabase === 'mysql' ? CROWD / 2 : CROWD;
  expect(sent.filter((sql) => sql === 'COMMIT').length).toBeLessThanOrEqual(most);
  const ids = replies.flatMap((reply) => succeeded(reply)['order_id'] as number[]);
  expect(new Set(ids).size).toBe(2 * CROWD);
  for (const [index, buyer] of crowd.entries()) {
    const own = succeeded(replies[index])['order_id'] as number[];
    const rows = await app.rows<{ buyer_id: number; product_id: number }>(
      'SELECT o.buyer_id, i.product_id FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.id IN (?, ?) ORDER BY o.id',
      own,
    );
    expect(rows).toEqual(products.map((product) => ({ buyer_id: buyer.id, product_id: product })));
  }
  for (const product of products) expect(await mall.stockOf(product)).toBe(500 - CROWD);
});

it('what is refused to one of them is refused to him alone, and leaves nothing', async () => {
  const [plenty, scarce] = [await mall.product(merchant, { stock: 100 }), await mall.product(second, { stock: 2 })];
  const absent = await mall.product(merchant);
  const gone = await mall.product(second);
  const [missing, unlisted, ...others] = crowd;
  for (const buyer of crowd) await mall.fillCart(buyer, plenty);
  for (const buyer of others) await mall.fillCart(buyer, scarce);
  await mall.fillCart(unlisted, gone);
  await mall.unlist(second, gone);
  const [a, b, ...rest] = await Promise.all([
    place(missing, [plenty, absent]),
    place(unlisted, [plenty, gone]),
    ...others.map((buyer) => place(buyer, [plenty, scarce])),
  ]);
  refused(a, 409, 'a product is not in the cart');
  refused(b, 409, `product ${gone} is not on sale`);
  expect(rest.filter((reply) => reply.status === 200)).toHaveLength(2);
  for (const reply of rest) if (reply.status !== 200) refused(reply, 409, 'out of stock');
  expect([await mall.stockOf(plenty), await mall.stockOf(scarce)]).toEqual([98, 0]);
  const lines = await app.rows<{ kept: number }>('SELECT COUNT(*) AS kept FROM cart_lines WHERE product_id = ?', [
    plenty,
  ]);
  expect(Number(lines[0].kept)).toBe(CROWD - 2);
});

it('a cart that is checked out twice in one moment, without a key, becomes one order', async () => {
  const product = await mall.product(merchant, { stock: 100 });
  for (const buyer of crowd) await mall.fillCart(buyer, product);
  const replies = await Promise.all(crowd.flatMap((buyer) => [place(buyer, [product]), place(buyer, [product])]));
  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(CROWD);
  for (const reply of replies) if (reply.status !== 200) refused(reply, 409, 'a product is not in the cart');
  expect(await mall.stockOf(product)).toBe(100 - CROWD);
});

it('payments of one moment: who has too little is refused alone, a double click pays once, foreign orders stay unpaid', async () => {
  const products = [await mall.product(merchant, { stock: 500 }), await mall.product(second, { stock: 500 })];
  const poor = await Promise.all(['poor-1', 'poor-2'].map((name) => app.login(name)));
  const before = await Promise.all(crowd.map((buyer) => till.wallet(buyer)));
  const orders: number[][] = [];
  for (const buyer of [...crowd, ...poor]) orders.push(await placed(buyer, products));
  const thief = crowd[0];
  const replies = await Promise.all([
    ...[...crowd, ...poor].flatMap((buyer, index) => [
      till.pay(buyer, orders[index], 'balance'),
      till.pay(buyer, orders[index], 'balance'),
    ]),
    till.pay(thief, orders.at(-1), 'balance'),
  ]);
  const theft = replies.pop()!;
  refused(theft, 404);
  const ofPoor = replies.splice(2 * CROWD);
  for (const reply of ofPoor) refused(reply, 409, 'insufficient balance');
  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(CROWD);
  for (const reply of replies) if (reply.status !== 200) refused(reply, 409, 'the order is not awaiting payment');
  const cost = 2 * (PRODUCT.price + TERMS.transportation_price);
  for (const [index, buyer] of crowd.entries()) {
    expect((await till.wallet(buyer)).balance).toBe(before[index].balance - cost);
    const paid = await app.rows<{ status: string; channel: string }>(
      'SELECT status, channel FROM orders WHERE id IN (?, ?)',
      orders[index],
    );
    expect(paid).toEqual([0, 1].map(() => ({ status: 'awaitingReceipt', channel: 'balance' })));
    const history = await app.rows<{ actor_id: number }>(
      "SELECT actor_id FROM order_history WHERE order_id IN (?, ?) AND to_status = 'awaitingReceipt'",
      orders[index],
    );
    expect(history).toEqual([0, 1].map(() => ({ actor_id: buyer.id })));
  }
  for (const buyer of poor)
    expect([await ordersOf(buyer, 'pendingPayment'), (await till.wallet(buyer)).balance]).toEqual([2, 0]);
});

it('changes of coins of one moment: each once, one that has expired is refused alone', async () => {
  const users = await Promise.all(Array.from({ length: 8 }, () => partner.openId()));
  const adding = (uid: string, id: string, expires?: number) =>
    partner.changeGold(uid, 1, 5, { request_id: id, ...(expires === undefined ? {} : { expriation: expires }) });
  const stamp = Date.now();
  const replies = await Promise.all([
    ...users.flatMap((uid, index) => [0, 1, 1].map((turn) => adding(uid, `together-${stamp}-${index}-${turn}`))),
    adding(users[0], `together-${stamp}-late`, 1_000_000_000),
  ]);
  refusedOpen(replies.pop()!, '400');
  for (const reply of replies) accepted(reply);
  for (const uid of users) await expectCoins(app, partner, uid, 10);
});
