import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { SETTLING, SteadyClock, TOLERATED } from '../common/time/steady-clock.js';
import { Config } from '../config/config.js';
import { DatabaseTime } from '../database/time/database-time.js';
import { MARK_INTERVAL, UptimeMarks } from '../database/time/uptime-marks.js';
import { Metrics } from './metrics.js';

/** Readiness speaks of a jump for this long (milliseconds). */
const REMEMBERED = 3_600_000;
/** Whoever was away for longer is not sure of the time that he finds at his start (milliseconds). */
const LONG_AWAY = 6 * MARK_INTERVAL;

/** Compares the clocks at every tick and has {@link SteadyClock} follow; what has jumped is an error in the log, a metric and a warning. */
@Injectable()
export class ClockWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('clock');
  /** How far ahead each clock was when it was last spoken of. */
  private readonly told = new Map<string, number>();
  private warning = { text: '', until: 0 };
  private jumps = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly time: DatabaseTime,
    private readonly marks: UptimeMarks,
    private readonly config: Config,
    metrics: Metrics,
  ) {
    metrics.gauge('livemall_clock_jumps', 'Jumps of a clock that this instance has seen', () => this.jumps);
  }

  get warnings(): readonly string[] {
    return this.clock.monotonic() < this.warning.until ? [this.warning.text] : [];
  }

  async onModuleInit(): Promise<void> {
    await this.check();
    if (this.clock instanceof SteadyClock) await this.judgeStart(this.clock);
    this.schedule();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** One tick. */
  async check(): Promise<void> {
    if (this.clock instanceof SteadyClock) await this.compare(this.clock);
    await this.marks.look();
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.tick(), this.config.jobs.tickSeconds * 1000).unref();
  }

  private async tick(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.logger.warn({ message: 'cannot compare the clocks', error });
    }
    if (this.timer) this.schedule();
  }

  /** A look that took long says nothing of this moment. */
  private async compare(clock: SteadyClock): Promise<void> {
    const asked = clock.monotonic();
    const shared = await this.time.shared();
    const took = clock.monotonic() - asked;
    if (took > TOLERATED) return;
    const database = shared === null ? null : shared + took / 2;
    const moved = clock.follow(database);
    if (Math.abs(moved) > TOLERATED) this.raise(`the time was moved by ${inSeconds(moved)} to follow a clock`);
    this.tell("this machine's clock", clock.machineAhead);
    if (database !== null) this.tell("the database's clock", database - clock.now());
  }

  /** Once for each jump, and for the one back. */
  private tell(whose: string, ahead: number): void {
    const before = this.told.get(whose) ?? 0;
    const isOff = Math.abs(ahead) > TOLERATED;
    if (Math.abs(ahead - before) > TOLERATED) {
      this.told.set(whose, ahead);
      this.jumps += 1;
      this.raise(isOff ? `${whose} is ${apart(ahead)}` : `${whose} is right again: it was ${apart(before)}`);
    } else if (isOff) this.remember(`${whose} is ${apart(ahead)}`);
  }

  /** The newest mark was made at most ten minutes before the last instance stopped. */
  private async judgeStart(clock: SteadyClock): Promise<void> {
    const newest = await this.marks.newest();
    const away = newest ? clock.now() - newest.createdAt : 0;
    if (away >= -TOLERATED && away <= LONG_AWAY) return;
    clock.doubt(SETTLING);
    if (away < 0) this.raise(`the clock is ${inSeconds(-away)} behind the time at which a server was last up`);
    else this.logger.warn(`no server was up for ${inSeconds(away)}, or the clock is ahead`);
  }

  private raise(text: string): void {
    this.logger.error(text);
    this.remember(text);
  }

  private remember(text: string): void {
    this.warning = { text, until: this.clock.monotonic() + REMEMBERED };
  }
}

function apart(ahead: number): string {
  return `${inSeconds(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead of'} the time that has passed`;
}

function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
