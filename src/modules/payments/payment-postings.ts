import type { Fen } from '../../common/money.js';
import { account } from '../ledger/chart-of-accounts.js';
import type { Posting } from '../ledger/ledger.service.js';

/** A share of a payment, or of a refund of it. */
interface Part {
  readonly merchantId: number;
  readonly amount: Fen;
  /** The part of `amount` that is coupon. */
  readonly coupon: Fen;
}

/** From the buyer's wallet to the merchant; the coupon is redeemed, and the mall pays the merchant the same fen. */
export function walletPostings(userId: number, { merchantId, amount, coupon }: Part): Posting[] {
  const payable = account.merchantPayable(merchantId);
  const balance = amount - coupon;
  return [
    ...posting(account.userBalance(userId), payable, balance),
    ...posting(account.userCoupon(userId), account.platform('coupon'), coupon, 'COUPON'),
    ...posting(account.platform('promotion'), payable, coupon),
  ];
}

export function captureOf({ merchantId, amount }: Omit<Part, 'coupon'>): Posting[] {
  return posting(account.platform('wechat'), account.merchantPayable(merchantId), amount);
}

/** The way back, to where the money came from. */
export function mirrored(postings: readonly Posting[]): Posting[] {
  return postings.map((one) => ({ ...one, source: one.destination, destination: one.source }));
}

export function rechargePostings(userId: number, money: number, charge: number): Posting[] {
  const balance = account.userBalance(userId);
  return [
    ...posting(account.platform('wechat'), balance, money),
    ...posting(account.platform('bonus'), balance, charge),
  ];
}

/** None for an amount of 0. */
export function posting(
  source: Posting['source'],
  destination: Posting['destination'],
  amount: number,
  asset: Posting['asset'] = 'CNY',
): Posting[] {
  return amount === 0 ? [] : [{ source, destination, amount, asset }];
}
