import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import { padded, placeholders } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import { DatabaseTime } from '../../database/time/database-time.js';
import { Transactions } from '../../database/transactions.js';
import { Job } from './job.entity.js';

export type FreeJob = Pick<Job, 'id' | 'name' | 'attempts' | 'dueAt'>;

export interface ClaimedJob extends FreeJob {
  /** Proves that the lease is still ours. */
  readonly lease: string;
}

const JOBS = tableOf(Job);
const FIND = `SELECT ${JOBS.select(['id', 'name', 'attempts', 'dueAt'])} FROM jobs WHERE`;
/** A lease that ends later than any that is given now was given by a wrong clock. */
const FREE = '(lease_until IS NULL OR lease_until <= ? OR lease_until > ?)';
const RELEASED = { leaseOwner: null, leaseUntil: null } as const;

/**
 * The rows behind the jobs, by prepared statements because every instance asks at every tick. Whoever holds an unexpired
 * lease works; a conditional UPDATE decides who that is. Leases go by the database's clock.
 */
@Injectable()
export class JobStore {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly time: DatabaseTime,
    private readonly clock: Clock,
  ) {}

  /** Jobs without a row get one, due now. */
  async addIfAbsent(names: readonly string[]): Promise<void> {
    const now = this.clock.now();
    const jobs = names.map((name) => ({ name, dueAt: now, attempts: 0, createdAt: now }));
    await this.transactions.run((tx) => tx.insertMissing(JOBS, jobs));
  }

  /** Takes up to `limit` of these jobs that are `isDue`, the longest due first, each for `leaseMs`. */
  async claimDue(
    names: readonly string[],
    isDue: (job: FreeJob) => boolean,
    limit: number,
    leaseMs: number,
  ): Promise<ClaimedJob[]> {
    if (names.length === 0 || limit <= 0) return [];
    const now = await this.time.now();
    const asked = padded(names);
    const rows = await this.database.read<FreeJob>(
      `${FIND} ${FREE} AND name IN (${placeholders(asked.length)}) ORDER BY due_at, id`,
      [now, now + 2 * leaseMs, ...asked],
    );
    const due = rows.filter(isDue).slice(0, limit);
    const claims = await Promise.all(due.map((row) => this.claim(row, leaseMs, row.dueAt)));
    return claims.filter((claim) => claim !== null);
  }

  /** Takes one job whatever its time; null while another holds it. */
  async claimNamed(name: string, leaseMs: number): Promise<ClaimedJob | null> {
    const row = await this.database.readOne<FreeJob>(`${FIND} name = ?`, [name]);
    return row && this.claim(row, leaseMs);
  }

  /** Changes nothing when another instance has taken over, as all that follow. */
  async extend(job: ClaimedJob, leaseMs: number): Promise<void> {
    await this.update(job, { leaseUntil: (await this.time.now()) + leaseMs });
  }

  /** Done until `dueAt`. */
  async postpone(job: ClaimedJob, dueAt: number): Promise<void> {
    await this.update(job, { ...RELEASED, dueAt, attempts: 0, lastError: null });
  }

  /** To be tried again at `dueAt`. */
  async fail(job: ClaimedJob, dueAt: number, error: string): Promise<void> {
    const lastError = Array.from(error).slice(0, 500).join('');
    await this.update(job, { ...RELEASED, dueAt, attempts: job.attempts + 1, lastError });
  }

  /** Null as well when its time is not `dueAt` any more: somebody has just done it. */
  private async claim(row: FreeJob, leaseMs: number, dueAt?: number): Promise<ClaimedJob | null> {
    const now = await this.time.now();
    const lease = randomBytes(16).toString('hex');
    const unchanged = dueAt === undefined ? '' : ' AND due_at = ?';
    const { affected } = await this.transactions.write(
      `UPDATE jobs SET lease_owner = ?, lease_until = ? WHERE id = ? AND ${FREE}${unchanged}`,
      [lease, now + leaseMs, row.id, now, now + 2 * leaseMs, ...(dueAt === undefined ? [] : [dueAt])],
    );
    return affected === 1 ? { ...row, lease } : null;
  }

  private async update({ id, lease }: ClaimedJob, change: Partial<Job>): Promise<void> {
    const { sql, params } = JOBS.assign(change);
    await this.transactions.write(`UPDATE jobs SET ${sql} WHERE id = ? AND lease_owner = ?`, [...params, id, lease]);
  }
}
