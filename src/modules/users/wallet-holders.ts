import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/transactions.js';
import { WalletHolders } from '../ledger/wallet.service.js';
import { User } from './user.entity.js';

/** Every user can own a wallet. */
@Injectable()
export class UserWalletHolders extends WalletHolders {
  exists(tx: Tx, userId: number): Promise<boolean> {
    return tx.manager.existsBy(User, { id: userId });
  }
}
