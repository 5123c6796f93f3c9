import { jest } from '@jest/globals';
import { Clock } from '../../src/common/clock.js';

/** A clock that stands until a test moves it. */
export class TestClock extends Clock {
  /** Not from 0: to a cache that is no moment. */
  private passed = 1_000_000;

  constructor(private time = Date.UTC(2026, 0, 15, 4, 0, 0)) {
    super();
  }

  now(): number {
    return this.time;
  }

  override monotonic(): number {
    return this.passed;
  }

  /** Time passes. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
    this.passed += milliseconds;
  }

  /** Somebody sets the clock, and no time passes. */
  jump(milliseconds: number): void {
    this.time += milliseconds;
  }
}

/** A clock that goes, which a test moves as it moves a {@link TestClock}. */
export class RunningClock extends Clock {
  private passed = 0;
  private ahead = 0;

  now(): number {
    return Date.now() + this.passed + this.ahead;
  }

  override monotonic(): number {
    return performance.now() + this.passed;
  }

  advance(milliseconds: number): void {
    this.passed += milliseconds;
  }

  jump(milliseconds: number): void {
    this.ahead += milliseconds;
  }
}

/**
 * While `work` runs, this many milliseconds more have passed for all that measures by `performance.now()`: caches and circuit
 * breakers.
 */
export async function elapsed<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const real = performance.now.bind(performance);
  const later = jest.spyOn(performance, 'now').mockImplementation(() => real() + milliseconds);
  try {
    return await work();
  } finally {
    later.mockRestore();
  }
}
