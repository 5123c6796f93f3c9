import type { Tx } from '../../database/transactions.js';
import type { ChangeReason } from './order.js';

/** Kept with an open payment, until WeChat can verify that nothing arrives any more. */
export type Cancellation = ChangeReason;

/** What orders ask of payments, which know orders and not the other way round: the payments module provides it. */
export abstract class OpenPayments {
  /**
   * Before an unpaid order closes or counts as paid offline: asks WeChat about what is open and closes it there. Called
   * outside a transaction. `clear`: nothing can arrive any more; `paid`: it was captured meanwhile and the books have moved.
   * With `cancel` the orders are closed in that name as soon as WeChat can verify it, even after a refusal.
   * @throws DomainError `conflict` when WeChat cannot verify it now
   */
  abstract clear(orderIds: readonly number[], cancel?: Cancellation): Promise<'clear' | 'paid'>;

  /**
   * Whether an attempt to pay one of these orders is open now. Asked after the order rows are locked, so that an attempt
   * made since {@link clear} is not overlooked.
   */
  abstract hasOpen(tx: Tx, orderIds: readonly number[]): Promise<boolean>;
}
