import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { PeriodicJobs } from '../../common/periodic-jobs.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import { Transactions } from '../../database/transactions.js';

/** Rows that expired this long ago can matter to nobody (milliseconds). */
const KEPT = 7 * 86_400_000;
const BATCH = 500;

/** Deletes login sessions and refresh tokens that expired a week ago, a batch at a time. */
@Injectable()
export class ForgottenLogins implements OnModuleInit {
  constructor(
    private readonly jobs: PeriodicJobs,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('auth.forget', () => this.forget(), { everySeconds: 3600 });
  }

  private async forget(): Promise<void> {
    await this.forgetFrom('refresh_tokens', 'hash');
    await this.forgetFrom('login_sessions', 'id');
  }

  private async forgetFrom(table: string, key: string): Promise<void> {
    for (let count = BATCH; count === BATCH;) {
      const rows = await this.database.read<{ name: string }>(
        `SELECT ${key} AS name FROM ${table} WHERE expires_at < ? ORDER BY expires_at LIMIT ?`,
        [this.clock.now() - KEPT, BATCH],
      );
      count = rows.length;
      if (count === 0) return;
      await this.transactions.run(async (tx) => {
        const names = rows.map(({ name }) => name);
        await tx.execute(`DELETE FROM ${table} WHERE ${key} IN (${placeholders(count)})`, names);
      });
    }
  }
}
