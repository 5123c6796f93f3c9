import { Entity, Index } from 'typeorm';
import { Counter, Instant, LongText, Small, Text } from '../../database/columns.js';

/** Work to be done at or after `dueAt`: a periodic job has one lasting row, a queued one goes when it is done. */
@Entity('jobs')
@Index('uq_jobs_key', ['key'], { unique: true })
@Index('idx_jobs_due', ['dueAt'])
export class Job {
  @Counter()
  id!: number;

  /** Which handler does it. */
  @Text(64)
  name!: string;

  /** Unique while the row lives; null for work that may stand in the queue twice. */
  @Text(191, { name: 'job_key', nullable: true })
  key!: string | null;

  /** JSON for the handler. */
  @LongText()
  payload!: string;

  @Instant({ name: 'due_at' })
  dueAt!: Date;

  /** Who does it at the moment; nobody once the lease has run out. */
  @Text(40, { name: 'lease_owner', nullable: true })
  leaseOwner!: string | null;

  @Instant({ name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  /** Failures in a row. */
  @Small()
  attempts!: number;

  /** Raised when the same key is asked for again, so that a run that began before does not end it. */
  @Small()
  revision!: number;

  @Text(500, { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
