import { Module } from '@nestjs/common';
import { LedgerAccounts } from './ledger-accounts.js';
import { LedgerProtection } from './ledger-protection.js';
import { LedgerService } from './ledger.service.js';

@Module({ providers: [LedgerAccounts, LedgerProtection, LedgerService], exports: [LedgerService] })
export class LedgerModule {}
