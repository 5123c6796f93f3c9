import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../database/transactions.js';
import { WalletService, type WalletHolders } from '../ledger/wallet.service.js';

/** Tells the ledger who can own a wallet: every user. */
@Injectable()
export class UserWalletHolders implements WalletHolders, OnModuleInit {
  constructor(private readonly wallets: WalletService) {}

  onModuleInit(): void {
    this.wallets.registerHolders(this);
  }

  async exists(tx: Tx, userId: number): Promise<boolean> {
    return (await tx.execute('SELECT 1 FROM users WHERE id = ?', [userId])).rows.length > 0;
  }
}
