/** Injectable time, so that a test can move it. */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;

  /** Milliseconds since some moment, for ages and pauses inside this process: it only goes on, whoever sets a clock. */
  monotonic(): number {
    return performance.now();
  }

  /** False while the time is in doubt: what is done by age and cannot be taken back then waits. */
  get isSettled(): boolean {
    return true;
  }

  date(): Date {
    return new Date(this.now());
  }
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
