import { fen, type Fen } from '../../../common/money.js';

const SCALE = 1_000_000_000_000n;

/** The most of `total` that a coupon may pay: `share` (0 to 1) of it, rounded down to a fen; exact, 0.29 of 100 is 29. */
export function couponCap(total: Fen, share: number): Fen {
  const scaled = BigInt(share.toFixed(12).replace('.', ''));
  return fen(Number((BigInt(total) * scaled) / SCALE));
}

/**
 * The coupon's part of a partial refund, so that all partial refunds together give back exactly the coupon that was spent.
 * `before` is what was refunded earlier.
 */
export function couponOfRefund(share: { readonly amount: Fen; readonly coupon: Fen }, before: Fen, amount: Fen): Fen {
  const upTo = (refunded: number): bigint =>
    share.amount === 0 ? 0n : (BigInt(share.coupon) * BigInt(refunded)) / BigInt(share.amount);
  return fen(Number(upTo(before + amount) - upTo(before)));
}
