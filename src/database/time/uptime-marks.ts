import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../database.js';
import { tableOf } from '../table.js';
import { Transactions } from '../transactions.js';
import { UptimeMark } from './uptime-mark.entity.js';

/** Of uptime between two marks, at least (milliseconds). */
export const MARK_INTERVAL = 600_000;

const MARKS = tableOf(UptimeMark);
const NEWEST = `SELECT ${MARKS.select()} FROM uptime_marks ORDER BY id DESC LIMIT 1`;
/** The last column of an INSERT … SELECT: the newest mark, 0 before the first. Nothing is locked; a sub-select among VALUES would be. */
export const NEWEST_MARK = 'COALESCE(MAX(id), 0) FROM uptime_marks';

/**
 * Counts the time that has really passed: a mark is made by whoever has seen the newest one for ten minutes of the monotonic clock,
 * so that neither a wrong clock nor a restart nor the number of instances makes it go faster.
 */
@Injectable()
export class UptimeMarks {
  private seen: { readonly id: number; readonly since: number } | null = null;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  newest(): Promise<UptimeMark | null> {
    return this.database.readOne<UptimeMark>(NEWEST);
  }

  /** Makes the next mark when it is time; asked at every tick of every instance. */
  async look(): Promise<void> {
    const id = (await this.newest())?.id ?? 0;
    const now = this.clock.monotonic();
    if (this.seen?.id !== id) this.seen = { id, since: now };
    if (now - this.seen.since < MARK_INTERVAL) return;
    const next = { id: id + 1, createdAt: this.clock.now() };
    await this.transactions.run((tx) => tx.insertMissing(MARKS, [next]));
    this.seen = { id: next.id, since: now };
  }

  /** The mark that `interval` milliseconds of uptime have passed since, and more; 0 while that is none. Older ones are deleted. */
  async passed(interval: number): Promise<number> {
    const newest = (await this.newest())?.id ?? 0;
    const mark = Math.max(0, newest - Math.ceil(interval / MARK_INTERVAL));
    await this.transactions.write('DELETE FROM uptime_marks WHERE id < ?', [mark]);
    return mark;
  }
}
