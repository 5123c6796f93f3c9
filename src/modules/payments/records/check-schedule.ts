import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Config } from '../../../config/config.js';

/** When WeChat is asked next about what is pending: RECONCILE_LADDER holds seconds, its last step repeats. */
@Injectable()
export class CheckSchedule {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * In milliseconds since the epoch, after `checks` questions. Not later than the moment in which the attempt expires, while
   * that is to come.
   */
  next(checks: number, expiresAt: number | null = null): number {
    const ladder = this.config.jobs.reconcileLadder;
    const now = this.clock.now();
    const seconds = ladder[Math.min(checks, ladder.length - 1)] ?? 60;
    const next = now + Math.round(seconds * 1000);
    return expiresAt !== null && expiresAt > now ? Math.min(next, expiresAt) : next;
  }
}
