import { Module } from '@nestjs/common';
import { LedgerAccounts } from './ledger-accounts.js';
import { LedgerAudit } from './ledger-audit.js';
import { LedgerProtection } from './ledger-protection.js';
import { LedgerSealer } from './ledger-sealer.js';
import { LedgerWatch } from './ledger-watch.js';
import { LedgerApiV1Controller } from './ledger.api-v1.controller.js';
import { LedgerWebController } from './ledger.web.controller.js';
import { LedgerService } from './ledger.service.js';
import { ShopBooksApiV1Controller } from './shop-books.api-v1.controller.js';
import { WalletApiV1Controller } from './wallet.api-v1.controller.js';
import { WalletService } from './wallet.service.js';

@Module({
  controllers: [LedgerApiV1Controller, WalletApiV1Controller, ShopBooksApiV1Controller, LedgerWebController],
  providers: [LedgerAccounts, LedgerProtection, LedgerService, LedgerSealer, LedgerAudit, LedgerWatch, WalletService],
  exports: [LedgerService, WalletService],
})
export class LedgerModule {}
