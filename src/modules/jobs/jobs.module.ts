import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyCleanupJob } from './idempotency-cleanup.job.js';
import { JobStore } from './job-store.js';
import { Job } from './job.entity.js';
import { JobsService } from './jobs.service.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Job])],
  providers: [JobStore, JobsService, IdempotencyCleanupJob],
  exports: [JobsService],
})
export class JobsModule {}
