import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/transactions.js';
import { AccountUsage } from '../users/account-usage.decorator.js';
import { Order } from './order.entity.js';

/** An account that bought or sold something keeps its owner. */
@Injectable()
export class OrderAccountUsage {
  @AccountUsage()
  async hasOrders(tx: Tx, userId: number): Promise<boolean> {
    return (
      (await tx.manager.existsBy(Order, { buyerId: userId })) || tx.manager.existsBy(Order, { merchantId: userId })
    );
  }
}
