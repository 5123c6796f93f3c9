import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Idempotency } from '../../database/idempotency.js';
import { JobsService } from './jobs.service.js';

/** Cleans what the database layer leaves behind. */
@Injectable()
export class Housekeeping implements OnModuleInit {
  constructor(
    private readonly jobs: JobsService,
    private readonly idempotency: Idempotency,
  ) {}

  onModuleInit(): void {
    this.jobs.register('idempotency.forget', () => this.idempotency.forgetOld(), { everySeconds: 600 });
  }
}
