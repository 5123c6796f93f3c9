import { DomainError, notFound } from '../../../common/domain-error.js';
import { OrderStatus } from '../../orders/order-status.js';
import type { PayableOrder } from '../../orders/order.js';

/**
 * Why these are not the caller's own unpaid orders: `invalid` for repeated ids, `not_found` for unknown, foreign and deleted
 * ones, `conflict` for paid and closed ones. Null when they are.
 */
export function payableProblem(
  orders: readonly PayableOrder[],
  orderIds: readonly number[],
  userId: number,
): DomainError | null {
  if (new Set(orderIds).size !== orderIds.length) return new DomainError('invalid', 'order_ids must not repeat');
  const own = orders.filter((order) => order.buyerId === userId && !order.hiddenFromBuyer);
  if (own.length !== orderIds.length) return notFound('order');
  const unpaid = own.every((order) => order.status === OrderStatus.pendingPayment);
  return unpaid ? null : new DomainError('conflict', 'the order is not awaiting payment');
}

/** @throws DomainError `conflict` when an order was paid, closed or repriced since it was read */
export function refuseChanged(now: readonly PayableOrder[], read: readonly PayableOrder[]): void {
  const totals = new Map(read.map((order) => [order.id, order.total]));
  const same = now.filter(
    (order) => order.status === OrderStatus.pendingPayment && order.total === totals.get(order.id),
  );
  if (same.length !== read.length) throw new DomainError('conflict', 'the order is not awaiting payment');
}
