import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/ledger.module.js';
import { UsersApiV1Controller } from './users.api-v1.controller.js';
import { UsersLiveuserController } from './users.liveuser.controller.js';
import { AccountTransferService } from './account-transfer.service.js';
import { UsersService } from './users.service.js';
import { UserWalletHolders } from './wallet-holders.js';

@Module({
  imports: [LedgerModule],
  controllers: [UsersApiV1Controller, UsersLiveuserController],
  providers: [UsersService, AccountTransferService, UserWalletHolders],
  exports: [UsersService, AccountTransferService],
})
export class UsersModule {}
