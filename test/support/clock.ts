import { jest } from '@jest/globals';
import { Clock } from '../../src/common/clock.js';

/** A clock that stands until a test moves it. */
export class TestClock extends Clock {
  constructor(private time = Date.UTC(2026, 0, 15, 4, 0, 0)) {
    super();
  }

  now(): number {
    return this.time;
  }

  advance(milliseconds: number): void {
    this.time += milliseconds;
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
