import { describe, expect, it } from '@jest/globals';
import {
  judgeTransition,
  ORDER_TRANSITIONS,
  OrderStatus,
  type OrderRole,
  type TransitionVerdict,
} from './order-status.js';

const STATUSES = Object.values(OrderStatus);
const ROLES: OrderRole[] = ['buyer', 'merchant', 'root', 'system'];

/** The whole contract, written out once more by hand: `from>to` and who may. */
const ALLOWED: Record<string, OrderRole[]> = {
  '1>2': ['merchant', 'root', 'system'],
  '2>3': ['buyer', 'merchant', 'root', 'system'],
  '3>4': ['buyer', 'merchant', 'root', 'system'],
  '1>5': ['buyer', 'merchant', 'root', 'system'],
  '2>6': ['merchant', 'root', 'system'],
  '3>6': ['merchant', 'root', 'system'],
  '4>6': ['merchant', 'root', 'system'],
};

function expected(from: OrderStatus, to: OrderStatus, role: OrderRole): TransitionVerdict {
  if (from === to) return 'present';
  const roles = ALLOWED[`${from}>${to}`];
  if (!roles) return 'impossible';
  return roles.includes(role) ? 'allowed' : 'forbidden';
}

describe('the order state machine', () => {
  const cases = STATUSES.flatMap((from) => STATUSES.flatMap((to) => ROLES.map((role) => ({ from, to, role }))));

  it.each(cases)('judges $from to $to by $role', ({ from, to, role }) => {
    expect(judgeTransition(from, to, role)).toBe(expected(from, to, role));
  });

  it('covers every status, role and edge in the cases above', () => {
    expect(cases).toHaveLength(6 * 6 * 4);
    expect(ORDER_TRANSITIONS.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it('never lets a buyer say that he has paid', () => {
    expect(judgeTransition(OrderStatus.pendingPayment, OrderStatus.awaitingReceipt, 'buyer')).toBe('forbidden');
  });

  it('leads out of closed and refunded for nobody', () => {
    for (const to of STATUSES) {
      for (const role of ROLES) {
        if (to !== OrderStatus.closed) expect(judgeTransition(OrderStatus.closed, to, role)).toBe('impossible');
        if (to !== OrderStatus.refunded) expect(judgeTransition(OrderStatus.refunded, to, role)).toBe('impossible');
      }
    }
  });
});
