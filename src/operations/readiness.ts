import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';

export interface ReadinessReport {
  readonly status: 'ok' | 'unavailable' | 'stopping';
  readonly database: 'up' | 'down';
  readonly migrations: 'applied' | 'pending' | 'unknown';
  readonly warnings: readonly string[];
}

const CHECK_TIMEOUT = 2000;

@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(private readonly database: Database) {}

  async report(): Promise<ReadinessReport> {
    const { warnings } = this.database;
    try {
      const pending = await within(CHECK_TIMEOUT, this.pendingMigrations());
      const status = this.stopping ? 'stopping' : pending ? 'unavailable' : 'ok';
      return { status, database: 'up', migrations: pending ? 'pending' : 'applied', warnings };
    } catch {
      return { status: 'unavailable', database: 'down', migrations: 'unknown', warnings };
    }
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  private async pendingMigrations(): Promise<boolean> {
    const row = await this.database.readOne<{ count: number }>('SELECT COUNT(*) AS count FROM migrations');
    return Number(row?.count ?? 0) < this.database.dataSource.migrations.length;
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
