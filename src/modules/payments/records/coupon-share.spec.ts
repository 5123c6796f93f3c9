import { describe, expect, it } from '@jest/globals';
import { array, assert as check, integer, property } from 'fast-check';
import { fen } from '../../../common/money.js';
import { couponCap, couponOfRefund } from './coupon-share.js';

describe('couponCap', () => {
  it.each([
    [100, 1, 100],
    [100, 0.29, 29],
    [10, 0.7, 7],
    [99, 0.5, 49],
    [1, 0.99, 0],
    [2_147_483_647, 0.1, 214_748_364],
    [100, 0, 0],
  ])('of %d fen at a share of %d is %d', (total, share, cap) => {
    expect(couponCap(fen(total), share)).toBe(cap);
  });
});

describe('couponOfRefund', () => {
  it('gives back the whole coupon and the whole balance over any sequence of partial refunds', () => {
    check(
      property(
        integer({ min: 1, max: 1_000_000 }),
        integer({ min: 0, max: 1_000_000 }),
        array(integer({ min: 1, max: 300_000 })),
        (amount, coupon, wishes) => {
          const share = { amount: fen(amount), coupon: fen(Math.min(coupon, amount)) };
          let [refunded, back] = [0, 0];
          for (const wish of [...wishes, amount]) {
            const part = Math.min(wish, amount - refunded);
            const couponPart = couponOfRefund(share, fen(refunded), fen(part));
            expect(couponPart).toBeGreaterThanOrEqual(0);
            expect(couponPart).toBeLessThanOrEqual(part);
            refunded += part;
            back += couponPart;
          }
          expect([refunded, back]).toEqual([share.amount, share.coupon]);
        },
      ),
    );
  });
});
