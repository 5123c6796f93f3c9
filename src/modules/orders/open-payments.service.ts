import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/transactions.js';

/**
 * What orders ask of payments, which know orders and not the other way round: payments register themselves at start
 * through `OrdersService.registerOpenPayments`.
 */
export abstract class OpenPayments {
  /**
   * Before an unpaid order closes or counts as paid offline: asks WeChat about what is open and closes it there. Called
   * outside a transaction. `clear`: nothing can arrive any more; `paid`: it was captured meanwhile and the books have moved.
   * @throws DomainError `conflict` when WeChat cannot verify it now
   */
  abstract clear(orderIds: readonly number[]): Promise<'clear' | 'paid'>;

  /**
   * Whether an attempt to pay one of these orders is open now. Asked after the order rows are locked, so that an attempt
   * made since {@link clear} is not overlooked.
   */
  abstract hasOpen(tx: Tx, orderIds: readonly number[]): Promise<boolean>;
}

/** Without registered payments nothing can be open. */
@Injectable()
export class RegisteredPayments extends OpenPayments {
  private registered: OpenPayments | null = null;

  register(payments: OpenPayments): void {
    this.registered = payments;
  }

  async clear(orderIds: readonly number[]): Promise<'clear' | 'paid'> {
    return this.registered ? this.registered.clear(orderIds) : 'clear';
  }

  async hasOpen(tx: Tx, orderIds: readonly number[]): Promise<boolean> {
    return this.registered ? this.registered.hasOpen(tx, orderIds) : false;
  }
}
