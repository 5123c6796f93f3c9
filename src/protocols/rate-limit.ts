import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Clock } from '../common/clock.js';
import { DomainError } from '../common/domain-error.js';
import { networkOf } from '../common/network.js';
import { Config } from '../config/config.js';
import type { WireRequest } from './dialect.js';

/** Requests a minute: of one address where nobody is logged in yet, of one user elsewhere. */
const LIMITS = { login: 300, renewal: 300, order: 90, payment: 90, comment: 90 } as const;
const WINDOW = 60_000;
const MAX_REMEMBERED = 50_000;
const LIMITED = Symbol('limited');

type Limited = keyof typeof LIMITS;

/** Fixed windows in memory: each instance counts for itself, a restart forgets. Lock-outs after wrong passwords are the login's own. */
@Injectable()
export class RateCounters {
  private readonly windows = new Map<string, { count: number; readonly until: number }>();

  constructor(private readonly clock: Clock) {}

  /** Milliseconds until `who` may come again; 0 when he may now. */
  hit(who: string, limit: number): number {
    const now = this.clock.now();
    let window = this.windows.get(who);
    if (!window || window.until <= now) {
      if (this.windows.size >= MAX_REMEMBERED) this.forget(now);
      window = { count: 0, until: now + WINDOW };
      this.windows.set(who, window);
    }
    window.count += 1;
    return window.count > limit ? window.until - now : 0;
  }

  /** What is over goes; when a flood of addresses leaves nothing to forget, everything goes. */
  private forget(now: number): void {
    for (const [who, { until }] of this.windows) if (until <= now) this.windows.delete(who);
    if (this.windows.size >= MAX_REMEMBERED) this.windows.clear();
  }
}

@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly counters: RateCounters,
    private readonly config: Config,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!this.config.rateLimit) return true;
    const { principal, ip } = context.switchToHttp().getRequest<WireRequest>();
    const kind = Reflect.getMetadata(LIMITED, context.getHandler()) as Limited;
    const who = principal ? `user ${principal.userId}` : `address ${networkOf(ip ?? '')}`;
    const wait = this.counters.hit(`${kind} ${who}`, LIMITS[kind]);
    if (wait === 0) return true;
    throw new DomainError('too_many_requests', 'too many requests', { retryAfter: Math.ceil(wait / 1000) });
  }
}

/** Limits a route, counted together with the routes of its kind on all wires: per address on a public one, per user on the others. */
export function RateLimit(kind: Limited): MethodDecorator {
  const limit = ApiExtension('x-rate-limit', `${LIMITS[kind]} a minute`);
  return applyDecorators(UseGuards(RateLimitGuard), SetMetadata(LIMITED, kind), limit);
}
