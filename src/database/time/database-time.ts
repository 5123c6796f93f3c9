import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../database.js';

const NOW = 'SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now';

/** The clock that all instances share. */
@Injectable()
export class DatabaseTime {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Milliseconds since the epoch; SQLite has one process, which goes by its own clock. */
  async now(): Promise<number> {
    return (await this.shared()) ?? this.clock.now();
  }

  /** Null on SQLite. */
  async shared(): Promise<number | null> {
    if (this.database.kind === 'sqlite') return null;
    const row = await this.database.readOne<{ now: number | string }>(NOW);
    return Math.round(Number(row!.now));
  }
}
