import { Entity, Index } from 'typeorm';
import { Counter, Instant, Small, Text } from '../../database/columns.js';

/** A periodic job's one row: when it is due, and who does it at the moment. */
@Entity('jobs')
@Index('uq_jobs_name', ['name'], { unique: true })
@Index('idx_jobs_due', ['dueAt'])
export class Job {
  @Counter() id!: number;
  @Text(64) name!: string;
  @Instant() dueAt!: number;
  /** Who does it at the moment; nobody once the lease has run out. */
  @Text(40, { nullable: true }) leaseOwner!: string | null;
  @Instant({ nullable: true }) leaseUntil!: number | null;
  /** Failures in a row. */
  @Small() attempts!: number;
  @Text(500, { nullable: true }) lastError!: string | null;
  @Instant() createdAt!: number;
}
