import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';

interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly payload: string;
  readonly attempts: number;
  readonly revision: number;
}

export interface ClaimedJob extends JobRow {
  /** Proves that the lease is still ours. */
  readonly lease: string;
}

export interface NewJob {
  readonly name: string;
  readonly key: string | null;
  readonly payload: unknown;
  /** Milliseconds. */
  readonly dueAt: number;
}

const FREE = '(lease_until IS NULL OR lease_until <= ?)';
const COLUMNS = 'id, name, payload, attempts, revision';

/** The rows behind the jobs. Whoever holds an unexpired lease works; a conditional UPDATE decides who that is. */
@Injectable()
export class JobStore {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** A key that waits already keeps its row: the newer payload and the earlier time win. */
  async add(tx: Tx, { name, key, payload, dueAt }: NewJob): Promise<void> {
    const earlier = `CASE WHEN due_at < ${tx.sql.proposed('due_at')} THEN due_at ELSE ${tx.sql.proposed('due_at')} END`;
    const again = `payload = ${tx.sql.proposed('payload')}, due_at = ${earlier}, revision = revision + 1`;
    await tx.execute(
      'INSERT INTO jobs (name, job_key, payload, due_at, lease_owner, lease_until, attempts, revision, last_error, created_at) ' +
        `VALUES (?, ?, ?, ?, NULL, NULL, 0, 0, NULL, ?)${tx.sql.onConflict(['job_key'], again)}`,
      [name, key, JSON.stringify(payload ?? null), dueAt, this.clock.now()],
    );
  }

  async addIfAbsent(jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const now = this.clock.now();
    await this.transactions.run(async (tx) => {
      await tx.execute(
        `${tx.sql.insertIgnore} INTO jobs (name, job_key, payload, due_at, attempts, revision, created_at) VALUES ` +
          jobs.map(() => '(?, ?, ?, ?, 0, 0, ?)').join(', '),
        jobs.flatMap(({ name, key, payload, dueAt }) => [name, key, JSON.stringify(payload ?? null), dueAt, now]),
      );
    });
  }

  async remove(tx: Tx, key: string): Promise<void> {
    await tx.execute('DELETE FROM jobs WHERE job_key = ?', [key]);
  }

  /** Takes up to `limit` jobs that were due at `time`, each for `leaseMs`. */
  async claimDue(names: readonly string[], time: number, limit: number, leaseMs: number): Promise<ClaimedJob[]> {
    if (names.length === 0 || limit <= 0) return [];
    const rows = await this.database.read<JobRow>(
      `SELECT ${COLUMNS} FROM jobs WHERE due_at <= ? AND ${FREE} AND name IN (${placeholders(names.length)}) ORDER BY due_at, id LIMIT ?`,
      [time, this.clock.now(), ...names, limit],
    );
    const claims = await Promise.all(rows.map((row) => this.claim(row, time, leaseMs)));
    return claims.filter((claim) => claim !== null);
  }

  /** Takes one job whatever its time; null while another holds it, or when there is none. */
  async claimKey(key: string, leaseMs: number): Promise<ClaimedJob | null> {
    const row = await this.database.readOne<JobRow>(`SELECT ${COLUMNS} FROM jobs WHERE job_key = ?`, [key]);
    return row && this.claim(row, Number.MAX_SAFE_INTEGER, leaseMs);
  }

  /** False when another instance has taken over. */
  async extend(job: ClaimedJob, leaseMs: number): Promise<boolean> {
    return this.update(job, 'lease_until = ?', [this.clock.now() + leaseMs]);
  }

  /** Done for good, unless it was asked for again meanwhile: then it is due again. */
  async finish(job: ClaimedJob): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute('DELETE FROM jobs WHERE id = ? AND lease_owner = ? AND revision = ?', [
        job.id,
        job.lease,
        job.revision,
      ]);
      if (affected > 0) return;
      await tx.execute(
        'UPDATE jobs SET lease_owner = NULL, lease_until = NULL, attempts = 0, last_error = NULL WHERE id = ? AND lease_owner = ?',
        [job.id, job.lease],
      );
    });
  }

  /** Done for now. */
  async postpone(job: ClaimedJob, dueAt: number): Promise<void> {
    await this.update(job, 'due_at = ?, lease_owner = NULL, lease_until = NULL, attempts = 0, last_error = NULL', [
      dueAt,
    ]);
  }

  async fail(job: ClaimedJob, dueAt: number, error: string): Promise<void> {
    const released = 'due_at = ?, lease_owner = NULL, lease_until = NULL, attempts = attempts + 1, last_error = ?';
    await this.update(job, released, [dueAt, Array.from(error).slice(0, 500).join('')]);
  }

  private async claim(row: JobRow, time: number, leaseMs: number): Promise<ClaimedJob | null> {
    const now = this.clock.now();
    const lease = randomBytes(16).toString('hex');
    return this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        `UPDATE jobs SET lease_owner = ?, lease_until = ? WHERE id = ? AND revision = ? AND due_at <= ? AND ${FREE}`,
        [lease, now + leaseMs, row.id, row.revision, time, now],
      );
      return affected === 1 ? { ...row, lease } : null;
    });
  }

  private async update(job: ClaimedJob, assignments: string, values: readonly (number | string)[]): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(`UPDATE jobs SET ${assignments} WHERE id = ? AND lease_owner = ?`, [
        ...values,
        job.id,
        job.lease,
      ]);
      return affected === 1;
    });
  }
}
