import { OrderStatus } from '../../src/modules/orders/order-status.js';

const { pendingPayment, awaitingReceipt, awaitingReview, completed, closed, refunded } = OrderStatus;
/** As api-v1 counts them, from 1. */
const NUMBERED = [pendingPayment, awaitingReceipt, awaitingReview, completed, closed, refunded] as const;

/** What `now_status` shows of a stored status. */
export function numberOf(status: OrderStatus): number {
  return NUMBERED.indexOf(status) + 1;
}

/** How the status that `now_status` shows is stored. */
export function statusOf(number: 1 | 2 | 3 | 4 | 5 | 6): OrderStatus {
  return NUMBERED[number - 1];
}
