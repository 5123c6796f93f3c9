import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../database/transactions.js';
import { AccountUsage } from '../../users/account-usage.decorator.js';
import { Payment } from './payment.entity.js';

/** An account whose recharge may still be paid keeps its owner. */
@Injectable()
export class PaymentAccountUsage {
  @AccountUsage()
  hasPendingPayments(tx: Tx, userId: number): Promise<boolean> {
    return tx.manager.existsBy(Payment, { status: 'pending', userId });
  }
}
