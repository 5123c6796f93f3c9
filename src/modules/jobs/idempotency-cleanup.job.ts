import { Injectable } from '@nestjs/common';
import { Idempotency } from '../../database/idempotency.js';
import { PeriodicJob } from './periodic-job.decorator.js';

/** Cleans what the database layer leaves behind. */
@Injectable()
export class IdempotencyCleanupJob {
  constructor(private readonly idempotency: Idempotency) {}

  @PeriodicJob({ name: 'idempotency.cleanup', everySeconds: 600 })
  async run(): Promise<void> {
    await this.idempotency.deleteExpired();
  }
}
