import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { WalletHolders } from '../ledger/wallet.service.js';
import { UsersApiV1Controller } from './users.api-v1.controller.js';
import { UsersLiveuserController } from './users.liveuser.controller.js';
import { AccountTransferService } from './account-transfer.service.js';
import { DevelopmentAccounts } from './development-accounts.service.js';
import { User, WechatIdentity } from './user.entity.js';
import { UsersService } from './users.service.js';
import { UserWalletHolders } from './wallet-holders.js';

/** Global, because the ledger, which knows no feature, asks for {@link WalletHolders}. */
@Global()
@Module({
  imports: [LedgerModule, TypeOrmModule.forFeature([User, WechatIdentity])],
  controllers: [UsersApiV1Controller, UsersLiveuserController],
  providers: [
    UsersService,
    AccountTransferService,
    DevelopmentAccounts,
    { provide: WalletHolders, useClass: UserWalletHolders },
  ],
  exports: [UsersService, AccountTransferService, DevelopmentAccounts, WalletHolders],
})
export class UsersModule {}
