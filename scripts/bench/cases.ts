import type { LoadName } from './load/loads.js';

/** Parts of the floor's rate, in the same run. */
export interface Bounds {
  /** Below it the benchmark fails. */
  readonly least: number;
  readonly goal: number;
}

/** `raw`: own tables; `same`: the same statements on livemall's tables. */
export type FloorKind = 'raw' | 'same';

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly database: 'mysql' | 'sqlite';
  readonly load: LoadName;
  readonly floor: FloorKind;
  readonly floorLoad: LoadName;
  readonly connections: number;
  readonly bounds: Bounds | null;
  /** Whose declared round trips are shown; null for what is several routes. */
  readonly route: { readonly method: 'get' | 'post'; readonly path: string; readonly wire: 'api-v1' | 'open' } | null;
  /** Whether it needs WeChat's code exchange. */
  readonly wechat: boolean;
}

type Draft = Pick<Case, 'title' | 'floorLoad'> & {
  readonly load: LoadName;
  /** Method and path; absent for what is several routes. */
  readonly route?: string;
  readonly bounds?: readonly [least: number, goal: number];
  /** `true`: measured on SQLite too, without bounds there. */
  readonly sqlite?: readonly [least: number, goal: number] | true;
  readonly connections?: number;
};

const READ_ON_SQLITE = [0.4, 0.5] as const;
const ORDER_ON_SQLITE = [0.6, 0.8] as const;
const CONNECTIONS = 32;

const DETAIL = 'GET /api/v1/shop/product';
const TAB = 'GET /api/v1/product/tabProducts';
const SEARCH = 'POST /api/v1/search';
const ORDER = 'POST /api/v1/order/generateOrder';
const USER_ORDERS = 'GET /api/v1/order/userOrder';
const SHOP_ORDERS = 'GET /api/v1/order/shopOrder';
const GOLD = 'POST /open/finanv0/changeGold';

const search = (kind: 'half' | 'word' | 'rare' | 'absent' | 'character', title: string): Draft => ({
  title: `search: ${title}`,
  load: `search-${kind}`,
  floorLoad: `same-search-${kind}`,
  route: SEARCH,
  bounds: [0.7, 0.8],
  sqlite: READ_ON_SQLITE,
});

const orderList = (kind: 'user' | 'user-deep' | 'shop' | 'shop-deep', title: string): Draft => ({
  title: `orders of ${title}`,
  load: `orders-${kind}`,
  floorLoad: `same-orders-${kind}`,
  route: kind.startsWith('user') ? USER_ORDERS : SHOP_ORDERS,
  bounds: [0.65, 0.8],
  sqlite: READ_ON_SQLITE,
});

const DRAFTS: readonly Draft[] = [
  {
    title: 'product detail, one after the other',
    load: 'detail',
    floorLoad: 'raw-detail',
    route: DETAIL,
    bounds: [0.6, 0.75],
    sqlite: READ_ON_SQLITE,
  },
  {
    title: 'product detail, one that everybody looks at, beside the same floor',
    load: 'detail-hot',
    floorLoad: 'raw-detail',
    route: DETAIL,
    bounds: [1, 1.5],
    sqlite: READ_ON_SQLITE,
  },
  {
    title: 'tab of 20, one after the other',
    load: 'tab',
    floorLoad: 'raw-tab',
    route: TAB,
    bounds: [0.65, 0.8],
    sqlite: READ_ON_SQLITE,
  },
  {
    title: 'tab of 20, one that everybody looks at, beside the same floor',
    load: 'tab-hot',
    floorLoad: 'raw-tab',
    route: TAB,
    bounds: [1.4, 2],
    sqlite: READ_ON_SQLITE,
  },
  search('half', '2 characters that half of the titles have'),
  search('word', '3 characters that 1 of 20 titles has'),
  search('rare', '3 characters that 1 of 1,000 titles has'),
  search('absent', '6 characters that no title has, in common pairs'),
  search('character', '1 character that every title has'),
  {
    title: 'add to cart',
    load: 'cart-add',
    floorLoad: 'raw-cart-add',
    route: 'POST /api/v1/cart/addProduct',
    bounds: [0.6, 0.8],
    sqlite: true,
  },
  {
    title: 'list a cart of 10',
    load: 'cart-list',
    floorLoad: 'same-cart-list',
    route: 'GET /api/v1/cart/userProducts',
    bounds: [0.6, 0.75],
    sqlite: READ_ON_SQLITE,
  },
  {
    title: 'generateOrder, 2 products of 2 merchants',
    load: 'order',
    floorLoad: 'raw-order',
    route: ORDER,
    bounds: [0.85, 1.2],
    sqlite: ORDER_ON_SQLITE,
  },
  {
    title: 'generateOrder, everybody the same 2 products',
    load: 'order-hot',
    floorLoad: 'raw-order-hot',
    route: ORDER,
    bounds: [0.85, 1.2],
    sqlite: ORDER_ON_SQLITE,
  },
  {
    title: "pay 2 orders from the balance, beside the floor's order",
    load: 'pay',
    floorLoad: 'raw-order',
    route: 'POST /api/v1/order/pay',
    sqlite: true,
  },
  {
    title: "whole checkout: add, add, place, pay, 16 clients, beside the floor's cart, cart, order",
    load: 'checkout',
    floorLoad: 'raw-checkout',
    bounds: [0.5, 0.8],
    sqlite: true,
    connections: 16,
  },
  {
    title: 'changeGold, new',
    load: 'gold-new',
    floorLoad: 'raw-gold',
    route: GOLD,
    bounds: [0.65, 0.8],
    sqlite: true,
  },
  { title: 'changeGold, take', load: 'gold-take', floorLoad: 'raw-gold-take', route: GOLD, sqlite: true },
  {
    title: "changeGold, repeated, beside the floor's new",
    load: 'gold-repeat',
    floorLoad: 'raw-gold',
    route: GOLD,
    bounds: [0.8, 1],
    sqlite: true,
  },
  orderList('user', 'a buyer with 1,000, page 1'),
  orderList('user-deep', 'a buyer with 1,000, from 900'),
  orderList('shop', 'the largest shop, page 1'),
  orderList('shop-deep', 'the largest shop, from 90 % of them'),
  { title: 'login of a known user', load: 'login', floorLoad: 'same-login', route: 'GET /api/v1/user/code' },
];

function caseOf(
  { bounds, sqlite, route, connections = CONNECTIONS, ...draft }: Draft,
  database: Case['database'],
): Case {
  const given = database === 'mysql' ? bounds : sqlite === true ? undefined : sqlite;
  return {
    ...draft,
    name: database === 'mysql' ? draft.load : `sqlite-${draft.load}`,
    database,
    floor: draft.floorLoad.startsWith('raw-') ? 'raw' : 'same',
    connections,
    bounds: given ? { least: given[0], goal: given[1] } : null,
    route: route ? routeOf(route) : null,
    wechat: draft.load === 'login',
  };
}

function routeOf(text: string): Case['route'] {
  const [method, path] = text.split(' ');
  return { method: method === 'GET' ? 'get' : 'post', path, wire: path.startsWith('/open/') ? 'open' : 'api-v1' };
}

/** Everything that is measured over HTTP. */
export const CASES: readonly Case[] = [
  ...DRAFTS.map((draft) => caseOf(draft, 'mysql')),
  ...DRAFTS.filter(({ sqlite }) => sqlite).map((draft) => caseOf(draft, 'sqlite')),
];

/** Whether `word` names it: its name, or the beginning of it up to a hyphen. */
export function isNamed(name: string, word: string): boolean {
  return name === word || name.startsWith(`${word}-`);
}
