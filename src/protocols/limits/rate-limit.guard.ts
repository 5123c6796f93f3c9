import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { networkOf } from '../../common/network.js';
import { Config } from '../../config/config.js';
import type { WireRequest } from '../dialect.js';
import { RateCounters } from './rate-counters.js';
import { LIMITS, type Limited } from './rate-limit.js';
import { RouteRules } from '../route-rules.js';

/** Runs once for every request, after the access guard; how often a route says `@RateLimit` makes no difference. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly routes: RouteRules,
    private readonly counters: RateCounters,
    private readonly config: Config,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { limit, access } = this.routes.of(context);
    if (limit === undefined || !this.config.rateLimit) return true;
    const { principal, ip } = context.switchToHttp().getRequest<WireRequest>();
    // A login that a public route merely recognises must not open a count of its own.
    const who = access.kind === 'login' && principal ? `user ${principal.userId}` : `address ${networkOf(ip ?? '')}`;
    return this.count(limit, who);
  }

  private async count(kind: Limited, who: string): Promise<boolean> {
    const wait = await this.counters.hit(`${kind} ${who}`, LIMITS[kind]);
    if (wait === 0) return true;
    throw new DomainError('too_many_requests', 'too many requests', { retryAfter: Math.ceil(wait / 1000) });
  }
}
