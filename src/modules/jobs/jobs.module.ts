import { Global, Module } from '@nestjs/common';
import { PeriodicJobs } from '../../common/periodic-jobs.js';
import { Housekeeping } from './housekeeping.js';
import { JobStore } from './job-store.js';
import { JobsService } from './jobs.service.js';

@Global()
@Module({
  providers: [JobStore, JobsService, Housekeeping, { provide: PeriodicJobs, useExisting: JobsService }],
  exports: [JobsService, PeriodicJobs],
})
export class JobsModule {}
