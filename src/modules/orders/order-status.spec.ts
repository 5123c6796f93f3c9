import { describe, expect, it } from '@jest/globals';
import {
  isRefundable,
  isReviewable,
  ORDER_TRANSITIONS,
  OrderStatus,
  sourcesOf,
  transitionVerdict,
  type OrderRole,
  type TransitionVerdict,
} from './order-status.js';

const STATUSES = Object.values(OrderStatus);
const ROLES: OrderRole[] = ['buyer', 'merchant', 'root', 'system'];
const SELLER: OrderRole[] = ['merchant', 'root', 'system'];

/** The whole contract, written out once more by hand: `from>to` and who may. */
const ALLOWED: Record<string, OrderRole[]> = {
  'pendingPayment>awaitingReceipt': SELLER,
  'awaitingReceipt>awaitingReview': ROLES,
  'awaitingReview>completed': ROLES,
  'pendingPayment>closed': ROLES,
  'awaitingReceipt>refunded': SELLER,
  'awaitingReview>refunded': SELLER,
  'completed>refunded': SELLER,
};

function expected(from: OrderStatus, to: OrderStatus, role: OrderRole): TransitionVerdict {
  if (from === to) return 'present';
  const roles = ALLOWED[`${from}>${to}`];
  if (!roles) return 'impossible';
  return roles.includes(role) ? 'allowed' : 'forbidden';
}

describe('the order state machine', () => {
  const cases = STATUSES.flatMap((from) => STATUSES.flatMap((to) => ROLES.map((role) => ({ from, to, role }))));

  it.each(cases)('says of $from to $to by $role what the contract says', ({ from, to, role }) => {
    expect(transitionVerdict(from, to, role)).toBe(expected(from, to, role));
  });

  it('covers every status, role and edge in the cases above', () => {
    expect(cases).toHaveLength(6 * 6 * 4);
    expect(ORDER_TRANSITIONS.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it.each(STATUSES)('lets an update move an order to %s from exactly where somebody may', (to) => {
    const sources = STATUSES.filter((from) => ROLES.some((role) => expected(from, to, role) === 'allowed'));
    expect(sourcesOf(to).sort()).toEqual(sources.sort());
  });

  it.each(STATUSES)('lets the system make every change that anybody may make, to %s', (to) => {
    for (const from of sourcesOf(to)) expect(transitionVerdict(from, to, 'system')).toBe('allowed');
  });

  it('never lets a buyer say that he has paid', () => {
    expect(transitionVerdict(OrderStatus.pendingPayment, OrderStatus.awaitingReceipt, 'buyer')).toBe('forbidden');
  });

  it('leads out of closed and refunded for nobody', () => {
    for (const to of STATUSES) {
      for (const role of ROLES) {
        if (to !== OrderStatus.closed) expect(transitionVerdict(OrderStatus.closed, to, role)).toBe('impossible');
        if (to !== OrderStatus.refunded) expect(transitionVerdict(OrderStatus.refunded, to, role)).toBe('impossible');
      }
    }
  });

  it('refunds what is paid, and has lines reviewed from the confirmed receipt on', () => {
    expect(STATUSES.filter(isRefundable)).toEqual(['awaitingReceipt', 'awaitingReview', 'completed']);
    expect(STATUSES.filter(isReviewable)).toEqual(['awaitingReview', 'completed']);
  });

  it('names every status as it is stored', () => {
    expect(Object.keys(OrderStatus)).toEqual(STATUSES);
    for (const status of STATUSES) expect(status.length).toBeLessThanOrEqual(24);
  });
});
