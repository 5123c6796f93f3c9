import { describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestUser } from '../support/app.js';
import { TERMS } from '../support/mall.js';
import type { Site } from '../support/site.js';
import { openTill } from '../support/till.js';

const MOST = 20;
const env = { UNPAID_PIECES_PER_BUYER: String(MOST) };
const { app, mall, till, merchant, second } = openTill({ env });
const BEYOND = `at most ${MOST} unpaid pieces: pay or cancel an order first`;

let buyers = 0;
const newBuyer = (): Promise<TestUser> => app.login(`debtor-${(buyers += 1)}`);

async function generate(buyer: TestUser, count: number, key?: string, site: Site = app): Promise<Response> {
  const product = await mall.product(merchant, { stock: 1000 });
  await mall.fillCart(buyer, product, count);
  const call = site.post('/api/v1/order/generateOrder', { ...TERMS, product_ids: [product] }, buyer.token);
  return key === undefined ? call : call.set('Idempotency-Key', key);
}

const create = (buyer: TestUser, product: number, count: number): PromiseLike<Response> =>
  app.post('/liveuser/Order/Create', { products: [{ product_id: String(product), count }] }, buyer.token);
const orderOf = (reply: Response): number => (succeeded(reply)['order_id'] as number[])[0];
const unpaidOf = async (buyer: TestUser): Promise<number> => {
  const [{ pieces }] = await app.rows<{ pieces: number | null }>(
    "SELECT SUM(i.count) AS pieces FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.buyer_id = ? AND o.status = 'pendingPayment'",
    [buyer.id],
  );
  return Number(pieces ?? 0);
};

describe('pieces that a buyer has ordered and not paid', () => {
  it('end the orders of generateOrder, with a key and without; nothing is taken, and others go on', async () => {
    const buyer = await newBuyer();
    succeeded(await generate(buyer, 12));
    succeeded(await generate(buyer, 8, 'the-last-that-fits'));
    expect(refused(await generate(buyer, 1), 409)).toBe(BEYOND);
    expect(refused(await generate(buyer, 1, 'one-too-many'), 409)).toBe(BEYOND);
    expect([await unpaidOf(buyer), (await mall.cartOf(buyer)).length]).toEqual([MOST, 2]);
    succeeded(await generate(await newBuyer(), MOST));
  });

  it('end them in one request too, over all merchants', async () => {
    const buyer = await newBuyer();
    const products = [await mall.product(merchant), await mall.product(second)];
    for (const product of products) await mall.fillCart(buyer, product, 11);
    const body = { ...TERMS, product_ids: products };
    expect(refused(await app.post('/api/v1/order/generateOrder', body, buyer.token), 409)).toBe(BEYOND);
    expect(await mall.stockOf(products[0])).toBe(32);
  });

  it('are counted at every instance', async () => {
    const [buyer, beside] = [await newBuyer(), await app.beside({ env })];
    succeeded(await generate(buyer, 12));
    expect(refused(await generate(buyer, 9, undefined, beside), 409)).toBe(BEYOND);
    succeeded(await generate(buyer, 8, undefined, beside));
    expect(refused(await generate(buyer, 1), 409)).toBe(BEYOND);
    await beside.stop();
  });

  it('are free again once they are paid or cancelled', async () => {
    const buyer = await newBuyer();
    await till.grant(buyer, 'CNY', 10_000);
    const [paid, cancelled] = [orderOf(await generate(buyer, 10)), orderOf(await generate(buyer, 10))];
    refused(await generate(buyer, 10), 409);
    succeeded(await till.pay(buyer, [paid], 'balance'));
    succeeded(await generate(buyer, 10));
    refused(await generate(buyer, 10), 409);
    succeeded(await app.post('/api/v1/order/cancel', { order_id: cancelled }, buyer.token));
    succeeded(await generate(buyer, 10));
  });

  it('end the orders of Order/Create', async () => {
    const [buyer, product] = [await newBuyer(), await mall.product(merchant)];
    expect((await create(buyer, product, MOST)).status).toBe(200);
    const { status, body } = await create(buyer, product, 1);
    expect([status, body]).toEqual([409, { id: 'error-conflict', code: 409, detail: BEYOND, status: 'Conflict' }]);
    expect(await mall.stockOf(product)).toBe(32 - MOST);
  });

  it('end no purchase that is paid at once, which does not count', async () => {
    const [buyer, product] = [await newBuyer(), await mall.product(merchant, { stock: 100 })];
    await till.grant(buyer, 'CNY', 100_000);
    expect((await app.get(`/product/${product}/with_balance`, {}, buyer.token)).body.code).toBe(0);
    succeeded(await generate(buyer, MOST));
    expect((await app.get(`/product/${product}/with_balance`, {}, buyer.token)).body.code).toBe(0);
    await mall.fillCart(buyer, product, 30);
    const { body } = await app.post('/cart/pay_with_balance', {}, buyer.token);
    expect(body).toMatchObject({ code: 0, data: { success: [{ id: product }], fail: [] } });
    expect(await unpaidOf(buyer)).toBe(MOST);
  });

  it('are passed by parallel requests by what as many transactions may have at the most', async () => {
    const buyer = await newBuyer();
    const products: number[] = [];
    for (let index = 0; index < 20; index += 1) products.push(await mall.product(merchant));
    for (const product of products) await mall.fillCart(buyer, product, 5);
    const replies = await Promise.all(
      products.map((id) => app.post('/api/v1/order/generateOrder', { ...TERMS, product_ids: [id] }, buyer.token)),
    );
    for (const { status } of replies) expect([200, 409]).toContain(status);
    const transactions = app.database.kind === 'sqlite' ? 1 : 4;
    expect(await unpaidOf(buyer)).toBeGreaterThanOrEqual(MOST);
    expect(await unpaidOf(buyer)).toBeLessThanOrEqual(transactions * MOST);
  });
});
