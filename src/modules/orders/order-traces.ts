import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../database/transactions.js';
import { ProductsService } from '../products/products.service.js';
import { AccountTransferService } from '../users/account-transfer.service.js';

/** Tells the users feature which accounts must keep their owner: those that bought, sold or offer something. */
@Injectable()
export class OrderTraces implements OnModuleInit {
  constructor(
    private readonly transfers: AccountTransferService,
    private readonly products: ProductsService,
  ) {}

  onModuleInit(): void {
    this.transfers.registerTraces(
      async (tx, userId) => (await this.products.hasOwned(tx, userId)) || this.hasOrders(tx, userId),
    );
  }

  private async hasOrders(tx: Tx, userId: number): Promise<boolean> {
    const { rows } = await tx.execute(
      'SELECT 1 FROM orders WHERE buyer_id = ? UNION ALL SELECT 1 FROM orders WHERE merchant_id = ? LIMIT 1',
      [userId, userId],
    );
    return rows.length > 0;
  }
}
