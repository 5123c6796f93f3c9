import { createHmac, createHash } from 'node:crypto';

/** How much there is in the mall that the load meets. */
export interface World {
  readonly products: number;
  readonly tabs: number;
  readonly merchants: number;
  readonly buyers: number;
  /** Of the buyers those with money, the first ones. */
  readonly funded: number;
  /** Users of the partner's app. */
  readonly partners: number;
  readonly orders: number;
  /** Of the orders those of one merchant, {@link bigShop}. */
  readonly shopOrders: number;
}

export const FULL: World = {
  products: 100_000,
  tabs: 10_000,
  merchants: 200,
  buyers: 10_000,
  funded: 10_000,
  partners: 1000,
  orders: 1_000_000,
  shopOrders: 100_000,
};

/** Seeded in seconds; for `bench:gate`. */
export const SMALL: World = {
  products: 20_000,
  tabs: 10_000,
  merchants: 200,
  buyers: 10_000,
  funded: 500,
  partners: 200,
  orders: 20_000,
  shopOrders: 2000,
};

/** Products in a tab. */
export const TAB_LENGTH = 20;
/** Orders of the buyer {@link keenBuyer}. */
export const KEEN_ORDERS = 1000;
/** Accounts of the raw floor. */
export const RAW_ACCOUNTS = 10_000;
export const RAW_TABS = 200;

/* Who is who by user id: merchants from 1, the root user, buyers from 1001, and one more buyer after them. */
export const ROOT = 1000;
export const bigShop = ({ merchants }: World): number => merchants;
export const buyerId = (index: number): number => ROOT + 1 + index;
export const keenBuyer = ({ buyers }: World): number => buyerId(buyers);
export const uidOf = (userId: number): string => `u${String(userId).padStart(10, '0')}`;
export const sessionOf = (userId: number): string => createHash('md5').update(`session ${userId}`).digest('hex');
export const openidOf = (userId: number): string => `openid-${userId}`;
/** The open id of a partner's user, 20 digits. */
export const openIdOf = (index: number): string => `1${String(index).padStart(19, '0')}`;

const secret = (name: string): string => createHash('sha256').update(`load test: ${name}`).digest('hex').slice(0, 48);

/** Credentials of the server under load, the same in every run, because the seeded database was made with them. */
export const CREDENTIALS = {
  JWT_SECRET: secret('tokens'),
  WECHAT_APP_ID: 'wx0000000000000001',
  WECHAT_APP_SECRET: secret('wechat').slice(0, 32),
  LINKV_APP_ID: 'LMbench',
  LINKV_APP_SECRET: secret('linkv').slice(0, 32),
  LINKV_APP_ALIAS: 'bench',
} as const;

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = base64({ alg: 'HS256', typ: 'JWT' });
const DAY = 86_400;
const tokens = new Map<number, string>();

/** A bearer token of a seeded session. */
export function tokenOf(userId: number): string {
  let token = tokens.get(userId);
  if (token === undefined) {
    const [sid, iat] = [sessionOf(userId), Math.floor(Date.now() / 1000)];
    const times = { iat, exp: iat + DAY, jti: sid.slice(0, 16) };
    const claims = { sub: uidOf(userId), sid, ver: 0, typ: 'at', ...times, aud: 'livemall', iss: 'livemall' };
    const signed = `${HEADER}.${base64(claims)}`;
    token = `${signed}.${createHmac('sha256', CREDENTIALS.JWT_SECRET).update(signed).digest('base64url')}`;
    tokens.set(userId, token);
  }
  return token;
}

/** A whole number from 1 to `max`. */
export const random = (max: number): number => 1 + Math.floor(Math.random() * max);

/** Has no common divisor with any of the mall's numbers. */
const STRIDE = 61_803;

/**
 * All numbers from 1 to `max`, each once before one comes again, in no order that a page or a cache could use: how many are
 * found in memory must not depend on how fast they are asked for.
 */
export function everyOneOf(max: number): () => number {
  let last = random(max);
  return () => {
    last = (last + STRIDE) % max;
    return 1 + last;
  };
}

/** Two products of two merchants. */
export function pairOfShops({ products, merchants }: World): [number, number] {
  const first = random(products);
  let second = random(products);
  while (second % merchants === first % merchants) second = random(products);
  return [first, second];
}

export const ownerOf = (productId: number, { merchants }: World): number => 1 + (productId % merchants);
