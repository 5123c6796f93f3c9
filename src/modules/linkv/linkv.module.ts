import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { GoldExpiry } from './gold-expiry.js';
import { GoldService } from './gold.service.js';
import { LinkvApiV1Controller } from './linkv.api-v1.controller.js';
import { GoldOpenController, TokenOpenController } from './linkv.open.controller.js';
import { OpenGate } from './open-gate.js';
import { PartnerApps } from './partner-apps.service.js';
import { PartnerUsers } from './partner-users.service.js';

@Module({
  imports: [JobsModule, LedgerModule],
  controllers: [TokenOpenController, GoldOpenController, LinkvApiV1Controller],
  providers: [PartnerApps, PartnerUsers, OpenGate, GoldService, GoldExpiry],
})
export class LinkvModule {}
