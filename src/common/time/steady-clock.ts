import { Clock, SystemClock } from '../clock.js';

/** So far clocks are apart without having jumped (milliseconds). */
export const TOLERATED = 3000;
/** What a look at another clock can be wrong by: so little is not followed (milliseconds). */
const NOISE = 100;
/** A reference that has jumped is followed after it has gone on evenly for this long (milliseconds). */
export const SETTLING = 300_000;
/** What is done by age waits for this long after a jump that only the reference itself speaks for (milliseconds). */
const DOUBT = 3_600_000;

/**
 * The time that decides (docs/security.md 3.4): it starts with this machine's clock, goes on with the monotonic one, and follows
 * a reference: the database's clock where instances share one, else this machine's. A jump of the reference is followed at once
 * where both clocks agree on it (this process was paused), else when it has lasted.
 */
export class SteadyClock extends Clock {
  private ahead: number;
  private isFollowing = false;
  private settledAt = Number.NEGATIVE_INFINITY;
  /** Where the reference has jumped to, as milliseconds ahead of the monotonic clock, and when that was first seen. */
  private jumped: { readonly ahead: number; readonly since: number } | null = null;

  constructor(private readonly machine: Clock = new SystemClock()) {
    super();
    this.ahead = machine.now() - machine.monotonic();
  }

  now(): number {
    return Math.floor(this.ahead + this.machine.monotonic());
  }

  override monotonic(): number {
    return this.machine.monotonic();
  }

  override get isSettled(): boolean {
    return this.monotonic() >= this.settledAt;
  }

  /** Milliseconds by which this machine's clock is ahead of this time; negative when it is behind. */
  get machineAhead(): number {
    return this.machine.now() - this.now();
  }

  /** For this many milliseconds the time is in doubt. */
  doubt(milliseconds: number): void {
    this.settledAt = Math.max(this.settledAt, this.monotonic() + milliseconds);
  }

  /** `database`: what its clock says at this moment; null where there is none but this machine's. Returns by how many milliseconds this time was moved. */
  follow(database: number | null): number {
    const reference = database ?? this.machine.now();
    const off = reference - this.now();
    const isFirst = !this.isFollowing;
    this.isFollowing = true;
    if (Math.abs(off) <= TOLERATED) {
      this.jumped = null;
      return Math.abs(off) > NOISE ? this.move(off) : 0;
    }
    if (isFirst || (database !== null && Math.abs(database - this.machine.now()) <= TOLERATED)) return this.move(off);
    this.doubt(SETTLING);
    if (!this.hasLasted(reference - this.monotonic())) return 0;
    this.doubt(DOUBT);
    return this.move(off);
  }

  private hasLasted(ahead: number): boolean {
    const since = this.monotonic();
    if (!this.jumped || Math.abs(ahead - this.jumped.ahead) > TOLERATED) this.jumped = { ahead, since };
    return since - this.jumped.since >= SETTLING;
  }

  private move(off: number): number {
    this.jumped = null;
    this.ahead += off;
    return off;
  }
}
