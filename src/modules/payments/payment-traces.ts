import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AccountTransferService } from '../users/account-transfer.service.js';

/** Tells the users feature which accounts must keep their owner: those whose recharge may still be paid. */
@Injectable()
export class PaymentTraces implements OnModuleInit {
  constructor(private readonly transfers: AccountTransferService) {}

  onModuleInit(): void {
    this.transfers.registerTraces(async (tx, userId) => {
      const { rows } = await tx.execute("SELECT 1 FROM payments WHERE status = 'pending' AND user_id = ? LIMIT 1", [
        userId,
      ]);
      return rows.length > 0;
    });
  }
}
