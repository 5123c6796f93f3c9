import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerModule } from '../ledger/ledger.module.js';
import { GoldExpiryJob } from './gold-expiry.job.js';
import { GoldLot } from './gold-lot.entity.js';
import { GoldService } from './gold.service.js';
import { LinkvApp } from './linkv-app.entity.js';
import { LinkvOperation } from './linkv-operation.entity.js';
import { LinkvUser } from './linkv-user.entity.js';
import { LinkvApiV1Controller } from './linkv.api-v1.controller.js';
import { GoldOpenController, TokenOpenController } from './linkv.open.controller.js';
import { LinkvStrategy } from './linkv.open.strategy.js';
import { PartnerApps } from './partner-apps.service.js';
import { PartnerUsers } from './partner-users.service.js';
import { SignPageController } from './sign-page.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([LinkvApp, LinkvUser, LinkvOperation, GoldLot]), LedgerModule],
  controllers: [TokenOpenController, GoldOpenController, LinkvApiV1Controller, SignPageController],
  providers: [PartnerApps, PartnerUsers, LinkvStrategy, GoldService, GoldExpiryJob],
})
export class LinkvModule {}
