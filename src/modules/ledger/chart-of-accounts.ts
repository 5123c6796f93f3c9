import type { Fen } from '../../common/money.js';

declare const addressBrand: unique symbol;
declare const coinsBrand: unique symbol;

/** Names an account of the books; made here and nowhere else. */
export type Address = string & { readonly [addressBrand]: true };

/** `CNY` and `COUPON` count fen, `GOLD` counts coins. */
export type Asset = 'CNY' | 'COUPON' | 'GOLD';

/** What a wallet can hold. */
export type WalletAsset = Exclude<Asset, 'GOLD'>;

/** An integer amount of a partner's coins; signed where a statement is, otherwise not negative. */
export type Coins = number & { readonly [coinsBrand]: true };

export type AmountOf<A extends Asset> = A extends 'GOLD' ? Coins : Fen;

/** Of any asset: fen or coins. */
export type Amount = AmountOf<Asset>;

export const ASSETS: readonly Asset[] = ['CNY', 'COUPON', 'GOLD'];

export type PlatformAccount = 'wechat' | 'bonus' | 'promotion' | 'coupon' | 'receivable';

const PLATFORM = 'platform:';

export const account = {
  userBalance: (userId: number): Address => addressOf('user', userId, 'balance'),
  userCoupon: (userId: number): Address => addressOf('user', userId, 'coupon'),
  /** What the mall owes a merchant. */
  merchantPayable: (userId: number): Address => addressOf('merchant', userId, 'payable'),
  linkvGold: (openId: string): Address => addressOf('linkv', openId, 'gold'),
  /** Where an app's coins come from and return to; below zero by what is in circulation. */
  linkvIssued: (appId: string): Address => addressOf('platform:linkv', appId, 'issued'),
  linkvExpired: (appId: string): Address => addressOf('platform:linkv', appId, 'expired'),
  platform: (name: PlatformAccount): Address => `${PLATFORM}${name}` as Address,
} as const;

/**
 * Whether the account keeps a running balance that cannot go below zero. Platform accounts keep none: one row that every
 * payment changes would serialise them all, so they are summed on demand.
 */
export function keepsBalance(address: string): boolean {
  return !address.startsWith(PLATFORM);
}

/** @throws RangeError when the value is not a safe integer: coins that were computed wrongly must not travel on */
export function coins(value: number): Coins {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount of coins: ${value}`);
  return value as Coins;
}

function addressOf(family: string, owner: number | string, part: string): Address {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(String(owner))) throw new RangeError(`not an owner of accounts: ${owner}`);
  return `${family}:${owner}:${part}` as Address;
}
