import { fen, type Fen } from '../../../common/money.js';
import { account } from '../../ledger/chart-of-accounts.js';
import type { Posting } from '../../ledger/posting.js';

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
  return [
    ...posting(account.userBalance(userId), payable, fen(amount - coupon)),
    ...posting(account.userCoupon(userId), account.platform('coupon'), coupon, 'COUPON'),
    ...posting(account.platform('promotion'), payable, coupon),
  ];
}

export function capturePostings({ merchantId, amount }: Omit<Part, 'coupon'>): Posting[] {
  return posting(account.platform('wechat'), account.merchantPayable(merchantId), amount);
}

export function rechargePostings(userId: number, money: Fen, charge: Fen): Posting[] {
  const balance = account.userBalance(userId);
  return [
    ...posting(account.platform('wechat'), balance, money),
    ...posting(account.platform('bonus'), balance, charge),
  ];
}

/** The way back, to where the money came from, in the same order. */
export function reversePostings(postings: readonly Posting[]): Posting[] {
  return postings.map((one) => ({ ...one, source: one.destination, destination: one.source }));
}

/** None for an amount of 0. */
export function posting(
  source: Posting['source'],
  destination: Posting['destination'],
  amount: Fen,
  asset: Posting['asset'] = 'CNY',
): Posting[] {
  return amount === 0 ? [] : [{ source, destination, amount: fen(amount), asset }];
}
