import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import type { Tx } from '../../database/transactions.js';
import { WalletHolders } from '../ledger/wallet.service.js';
import { User } from './user.entity.js';

/** Every user whose account is not disabled; it is not given up for another one before the commit. */
@Injectable()
export class UserWalletHolders extends WalletHolders {
  async exists(tx: Tx, userId: number): Promise<boolean> {
    const where = { id: userId, permission: MoreThan(0) };
    return (await tx.manager.findOne(User, { select: { id: true }, where, lock: tx.rowLock })) !== null;
  }
}
