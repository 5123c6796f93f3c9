import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Transactions } from '../database/transactions.js';
import { ClockWatch } from './clock-watch.js';

const CHECK_TIMEOUT = 2000;
/** Changes nothing, and is written all the same: SQLite stores the page again, MySQL refuses it where nothing may be written. */
const WRITE = 'UPDATE migrations SET timestamp = timestamp WHERE id = 1';
/** However often somebody asks (milliseconds). */
const WRITE_EVERY = 5000;
/** A report does not wait for longer until it is its turn to write: a queue is no reason to be unready (milliseconds). */
const WRITE_PATIENCE = 500;
/** Whoever was refused a write says that the next one will be, for so long (milliseconds). */
const REMEMBERED = 10_000;

@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private stopping = false;
  private written = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clocks: ClockWatch,
  ) {}

  async report() {
    const warnings = [...this.database.warnings, ...this.clocks.warnings];
    try {
      const pending = await Promise.race([this.pendingMigrations(), tooLate()]);
      const isWritable = await this.takesWrites();
      const status = this.stopping ? 'stopping' : pending || !isWritable ? 'unavailable' : 'ok';
      return {
        status,
        database: isWritable ? 'up' : 'read_only',
        migrations: pending ? 'pending' : 'applied',
        warnings,
      };
    } catch {
      return { status: 'unavailable', database: 'down', migrations: 'unknown', warnings };
    }
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  /** False when it was full or read-only a moment ago, for whomever. */
  private async takesWrites(): Promise<boolean> {
    const now = performance.now();
    if (now - this.written > WRITE_EVERY) {
      this.written = now;
      const written = this.transactions.write(WRITE).catch(() => undefined);
      await Promise.race([written, pause(WRITE_PATIENCE, undefined, { ref: false })]);
    }
    return this.transactions.sinceRefused > REMEMBERED;
  }

  private async pendingMigrations(): Promise<boolean> {
    const row = await this.database.readOne<{ count: number }>('SELECT COUNT(*) AS count FROM migrations');
    return Number(row?.count ?? 0) < this.database.dataSource.migrations.length;
  }
}

async function tooLate(): Promise<never> {
  await pause(CHECK_TIMEOUT, undefined, { ref: false });
  throw new Error('timed out');
}
