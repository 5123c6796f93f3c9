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
