import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppendOnlyTriggers } from './append-only-triggers.js';
import { LedgerAuditApiV1Controller } from './audit/ledger-audit.api-v1.controller.js';
import { LedgerAuditJob } from './audit/ledger-audit.job.js';
import { LedgerAudit } from './audit/ledger-audit.js';
import { LedgerSeal, LedgerSealMember } from './audit/ledger-seal.entity.js';
import { LedgerSealer } from './audit/ledger-sealer.js';
import { LedgerAccount } from './ledger-account.entity.js';
import { LedgerAccounts } from './ledger-accounts.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { LedgerTransaction } from './ledger-transaction.entity.js';
import { LedgerService } from './ledger.service.js';
import { LedgerWebController } from './ledger.web.controller.js';
import { ShopBooksApiV1Controller } from './shop-books.api-v1.controller.js';
import { WalletGrant } from './wallet-grant.entity.js';
import { WalletApiV1Controller } from './wallet.api-v1.controller.js';
import { WalletService } from './wallet.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      LedgerAccount,
      LedgerTransaction,
      LedgerEntry,
      LedgerSeal,
      LedgerSealMember,
      WalletGrant,
    ]),
  ],
  controllers: [LedgerAuditApiV1Controller, WalletApiV1Controller, ShopBooksApiV1Controller, LedgerWebController],
  providers: [
    LedgerAccounts,
    AppendOnlyTriggers,
    LedgerService,
    LedgerSealer,
    LedgerAudit,
    LedgerAuditJob,
    WalletService,
  ],
  exports: [LedgerService, WalletService],
})
export class LedgerModule {}
