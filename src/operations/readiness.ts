import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database } from '../database/database.js';
import { ClockWatch } from './clock-watch.js';

const CHECK_TIMEOUT = 2000;

@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly clocks: ClockWatch,
  ) {}

  async report() {
    const warnings = [...this.database.warnings, ...this.clocks.warnings];
    try {
      const pending = await Promise.race([this.pendingMigrations(), tooLate()]);
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

async function tooLate(): Promise<never> {
  await pause(CHECK_TIMEOUT, undefined, { ref: false });
  throw new Error('timed out');
}
