/** The stations of an order. The numbers of `now_status` are api-v1's alone. */
export const OrderStatus = {
  pendingPayment: 'pendingPayment',
  awaitingReceipt: 'awaitingReceipt',
  awaitingReview: 'awaitingReview',
  completed: 'completed',
  /** Cancelled, or not paid in time. */
  closed: 'closed',
  refunded: 'refunded',
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

/**
 * Every allowed change, and the only place that says so: each UPDATE of a status takes its WHERE from here. A buyer never
 * says that he has paid: that comes from a verified payment only.
 */
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
export function transitionVerdict(from: OrderStatus, to: OrderStatus, role: OrderRole): TransitionVerdict {
  if (from === to) return 'present';
  const transition = ORDER_TRANSITIONS.find((edge) => edge.from === from && edge.to === to);
  if (!transition) return 'impossible';
  return transition.roles.includes(role) ? 'allowed' : 'forbidden';
}

/** From which statuses a guarded UPDATE may move an order to `to`. */
export function sourcesOf(to: OrderStatus): OrderStatus[] {
  return ORDER_TRANSITIONS.filter((edge) => edge.to === to).map(({ from }) => from);
}

/** Whether an order in this status may become a refunded one: it was paid, and the money has not gone back yet. */
export function isRefundable(status: OrderStatus): boolean {
  return sourcesOf(refunded).includes(status);
}

/** Whether its lines may be reviewed: from the confirmed receipt on, until the money goes back. */
export function isReviewable(status: OrderStatus): boolean {
  return status === completed || sourcesOf(completed).includes(status);
}
