import { describe, expect, it } from '@jest/globals';
import { succeeded } from '../support/api-v1.js';
import { accepted, partnerOf } from '../support/open.js';
import { TERMS } from '../support/mall.js';
import { routesOf } from '../support/routes.js';
import { statementsOf } from '../support/statements.js';
import { openTill } from '../support/till.js';

const { app, mall, till, buyer, merchant, second, root } = openTill();

const partner = partnerOf(app);
const CHANGE_GOLD = 'POST /open/finanv0/changeGold';
const LOGIN = 'GET /api/v1/user/code';
const PRODUCT = 'GET /api/v1/shop/product';
const TAB = 'GET /api/v1/product/tabProducts';
const HOME = 'GET /api/v1/product/homeTab';
const SEARCH = 'POST /api/v1/search';
let serial = 0;

interface Scenario {
  /** Method and path, and behind a colon the case of a route that declares several. */
  readonly route: string;
  /** Sets the stage, which is not counted; returns the request, which must succeed. */
  readonly prepare: () => Promise<() => PromiseLike<unknown>>;
}

/** Each declared number needs one line here. */
const SCENARIOS: readonly Scenario[] = [
  {
    route: 'POST /api/v1/order/generateOrder',
    prepare: async () => {
      const products = [await mall.product(merchant), await mall.product(second)];
      for (const product of products) await mall.fillCart(buyer, product);
      const body = { ...TERMS, product_ids: products };
      return async () => succeeded(await app.post('/api/v1/order/generateOrder', body, buyer.token));
    },
  },
  { route: 'POST /api/v1/order/pay', prepare: () => unpaid(2) },
  { route: 'POST /api/v1/order/pay', prepare: () => unpaid(10) },
  {
    route: CHANGE_GOLD,
    prepare: async () => {
      const uid = await partner.openId();
      accepted(await partner.changeGold(uid, 1, 9));
      return adding(uid);
    },
  },
  { route: `${CHANGE_GOLD}: first of a user`, prepare: async () => adding(await partner.openId()) },
  {
    route: `${CHANGE_GOLD}: taking`,
    prepare: async () => {
      const uid = await partner.openId();
      accepted(await partner.changeGold(uid, 1, 9));
      return async () => accepted(await partner.changeGold(uid, 2, 5));
    },
  },
  {
    route: `${CHANGE_GOLD}: repeated`,
    prepare: async () => {
      const request = adding(await partner.openId());
      await request();
      return request;
    },
  },
  {
    route: `${CHANGE_GOLD}: repeated at another instance`,
    prepare: async () => {
      const [uid, request_id] = [await partner.openId(), partner.requestId()];
      const expriation = partner.expriation();
      accepted(await partner.changeGold(uid, 1, 9, { request_id, expriation }));
      const other = partnerOf(await app.beside());
      await other.tokens(uid);
      return async () => accepted(await other.changeGold(uid, 1, 9, { request_id, expriation }));
    },
  },
  { route: PRODUCT, prepare: product },
  { route: `${PRODUCT}: remembered`, prepare: async () => askedBefore(await product()) },
  { route: TAB, prepare: tab },
  { route: `${TAB}: remembered`, prepare: async () => askedBefore(await tab()) },
  { route: HOME, prepare: () => home({}) },
  { route: `${HOME}: a page`, prepare: () => home({ from: 0, length: 10 }) },
  { route: SEARCH, prepare: async () => askedBefore(search(`鲜虾${(serial += 1)}`)) },
  { route: `${SEARCH}: of pairs that were not looked for lately`, prepare: async () => search(`鲜虾${(serial += 1)}`) },
  {
    route: 'POST /api/v1/cart/addProduct',
    prepare: async () => {
      const productId = await mall.product(merchant);
      return async () => succeeded(await app.post('/api/v1/cart/addProduct', { productId }, buyer.token));
    },
  },
  {
    route: 'GET /api/v1/cart/userProducts',
    prepare: async () => {
      for (const owner of [merchant, second]) await mall.fillCart(buyer, await mall.product(owner));
      return reading('cart/userProducts');
    },
  },
  ...['userOrder', 'shopOrder'].map((list) => ({
    route: `GET /api/v1/order/${list}`,
    prepare: async () => {
      await mall.order(buyer, [await mall.product(merchant), await mall.product(second)]);
      return reading(`order/${list}`, {}, list === 'userOrder' ? buyer : merchant);
    },
  })),
  {
    route: 'GET /api/v1/order/orderInfo',
    prepare: async () => {
      const [order_id] = await mall.order(buyer, [await mall.product(merchant)]);
      return reading('order/orderInfo', { order_id });
    },
  },
  { route: 'GET /api/v1/wallet', prepare: async () => reading('wallet') },
  { route: 'GET /api/v1/wallet/statement', prepare: async () => reading('wallet/statement') },
  { route: LOGIN, prepare: async () => login('known', 'the same') },
  { route: `${LOGIN}: with another name`, prepare: async () => login('known', `name ${(serial += 1)}`) },
  { route: `${LOGIN}: for the first time`, prepare: async () => login(`new${(serial += 1)}`) },
];

function reading(path: string, query: object = {}, user = buyer): () => PromiseLike<unknown> {
  return async () => succeeded(await app.get(`/api/v1/${path}`, query, user.token));
}

/** Twice: what is asked for once is not remembered. */
async function askedBefore(request: () => PromiseLike<unknown>): Promise<() => PromiseLike<unknown>> {
  await request();
  await request();
  return request;
}

async function tab(): Promise<() => PromiseLike<unknown>> {
  const products = [await mall.product(merchant), await mall.product(second)];
  const { tabId } = succeeded(await app.post('/api/v1/product/tabAdd', { name: 'new', products }, root.token));
  return reading('product/tabProducts', { tabId });
}

/** Nothing of the home page is remembered once a product has been put on sale. */
async function home(query: object): Promise<() => PromiseLike<unknown>> {
  const products = [await mall.product(merchant)];
  succeeded(await app.post('/api/v1/product/modifyHomeTab', { products }, root.token));
  return reading('product/homeTab', query);
}

function search(key: string): () => PromiseLike<unknown> {
  return async () => succeeded(await app.post('/api/v1/search', { key }));
}

async function product(): Promise<() => PromiseLike<unknown>> {
  return reading('shop/product', { id: await mall.product(merchant) });
}

function adding(uid: string): () => PromiseLike<unknown> {
  const same = { request_id: partner.requestId(), expriation: partner.expriation() };
  return async () => accepted(await partner.changeGold(uid, 1, 9, same));
}

function login(name: string, nickName?: string): () => PromiseLike<unknown> {
  const query = { code: `demo-${name}`, ...(nickName && { nickName }) };
  return async () => succeeded(await app.get('/api/v1/user/code', query));
}

/** Orders of two merchants in turn, to be paid from the balance. */
async function unpaid(count: number): Promise<() => PromiseLike<unknown>> {
  await till.grant(buyer, 'CNY', 10_000);
  const orders: number[] = [];
  for (let index = 0; index < count; index += 1) {
    orders.push(...(await mall.order(buyer, [await mall.product(index % 2 ? merchant : second)])));
  }
  return async () => succeeded(await till.pay(buyer, orders, 'balance'));
}

/** `POST /path: case` and its number. */
function declared(): Map<string, number> {
  const routes = routesOf(app.app).flatMap(({ method, path, roundTrips = {} }) =>
    Object.entries(roundTrips).map(([name, count]) => [nameOf(`${method} ${path}`, name), count] as const),
  );
  return new Map(routes);
}

function nameOf(route: string, kind: string): string {
  return kind === '' ? route : `${route}: ${kind}`;
}

describe('round trips to the database', () => {
  it('are counted here for every route that declares a number, and for no other', () => {
    expect([...new Set(SCENARIOS.map(({ route }) => route))].sort()).toEqual([...declared().keys()].sort());
  });

  it.each(SCENARIOS)('$route sends as many statements as it declares', async ({ route, prepare }) => {
    const warmUp = await prepare();
    await warmUp();
    const request = await prepare();
    const sent = await statementsOf(app, request);
    // The statements come first, so that a wrong number shows them.
    expect({ sent, count: sent.length }).toEqual({ sent, count: declared().get(route) });
  });
});
