import { DiscoveryService } from '@nestjs/core';
import type { Config } from '../../config/config.js';

export interface PeriodicJobOptions {
  /** Unique; `feature.verb`. */
  readonly name: string;
  /** Seconds from the end of one run to the next. */
  readonly everySeconds: number | ((config: Config) => number);
  /** It does by age what cannot be taken back: while the time is in doubt it waits. */
  readonly byAge?: boolean;
}

/**
 * A provider's method that is repeated for the whole mall, on one instance at a time. It may be called twice for the same
 * work (a lease that ran out, a crash before the row was updated), so its effect must be idempotent; what it throws makes it
 * due again after a growing pause.
 */
export const PeriodicJob = DiscoveryService.createDecorator<PeriodicJobOptions>();
