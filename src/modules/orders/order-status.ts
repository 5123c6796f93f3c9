/** The wire's `now_status` (seed api-v1, order); 5 and 6 are beyond the document. */
export const OrderStatus = {
  pendingPayment: 1,
  awaitingReceipt: 2,
  awaitingReview: 3,
  completed: 4,
  /** Cancelled, or not paid in time. */
  closed: 5,
  refunded: 6,
} as const;

export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** As whom somebody acts on one order; `system` is a verified payment, a refund that went through, or a job. */
export type OrderRole = 'buyer' | 'merchant' | 'root' | 'system';

interface Transition {
  readonly from: OrderStatus;
  readonly to: OrderStatus;
  readonly roles: readonly OrderRole[];
}

const { pendingPayment, awaitingReceipt, awaitingReview, completed, closed, refunded } = OrderStatus;
const EVERYBODY = ['buyer', 'merchant', 'root', 'system'] as const;
const SELLER = ['merchant', 'root', 'system'] as const;

/** Every allowed change. A buyer never says that he has paid: that comes from a verified payment only. */
export const ORDER_TRANSITIONS: readonly Transition[] = [
  { from: pendingPayment, to: awaitingReceipt, roles: SELLER },
  { from: awaitingReceipt, to: awaitingReview, roles: EVERYBODY },
  { from: awaitingReview, to: completed, roles: EVERYBODY },
  { from: pendingPayment, to: closed, roles: EVERYBODY },
  { from: awaitingReceipt, to: refunded, roles: SELLER },
  { from: awaitingReview, to: refunded, roles: SELLER },
  { from: completed, to: refunded, roles: SELLER },
];

export type TransitionVerdict = 'allowed' | 'present' | 'forbidden' | 'impossible';

/** `present`: it is there already; `forbidden`: others may, this role may not; `impossible`: nobody may. */
export function judgeTransition(from: OrderStatus, to: OrderStatus, role: OrderRole): TransitionVerdict {
  if (from === to) return 'present';
  const transition = ORDER_TRANSITIONS.find((edge) => edge.from === from && edge.to === to);
  if (!transition) return 'impossible';
  return transition.roles.includes(role) ? 'allowed' : 'forbidden';
}
