import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { Clock } from '../common/clock.js';
import { PrincipalCache } from '../common/principal-cache.js';
import { AccessGuard } from './access.guard.js';
import { EnvelopeFilter } from './envelope.filter.js';
import { Passport } from './passport.js';
import { RateCounters } from './limits/rate-counters.js';
import { RateLimitGuard } from './limits/rate-limit.guard.js';
import { RouteRules } from './route-rules.js';

/** The guards run in this order. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    Passport,
    RouteRules,
    RateCounters,
    { provide: PrincipalCache, useFactory: (clock: Clock) => new PrincipalCache(clock), inject: [Clock] },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_FILTER, useClass: EnvelopeFilter },
  ],
  exports: [Passport, PrincipalCache],
})
export class ProtocolsModule {}
