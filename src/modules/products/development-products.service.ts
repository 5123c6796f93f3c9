import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Transactions } from '../../database/transactions.js';
import { DevelopmentAccounts } from '../users/development-accounts.service.js';

const UNLIST = 'UPDATE products SET listed = 0 WHERE owner_id = ? AND listed = 1';

/** Nobody buys in production what the demo data and the simulator's merchants offer (docs/security.md 2.11). */
@Injectable()
export class DevelopmentProducts implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly accounts: DevelopmentAccounts,
    private readonly transactions: Transactions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.production) return;
    for (const id of await this.accounts.listIds()) await this.transactions.write(UNLIST, [id]);
  }
}
