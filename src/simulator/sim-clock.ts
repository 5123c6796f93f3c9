/** The simulator's time. Business time can be moved; the time in signatures can be skewed apart from it. */
export class SimClock {
  private offsetMs = 0;
  /** Seconds by which signatures are dated wrongly and incoming ones are judged wrongly. */
  skewSeconds = 0;

  constructor(
    private base: () => number,
    /** Divides the retry ladder, the one-minute rule and the settling of refunds. */
    public speed: number,
  ) {}

  now(): number {
    return this.base() + this.offsetMs;
  }

  signingSeconds(): number {
    return Math.floor(this.base() / 1000) + this.skewSeconds;
  }

  /** Follows another clock, such as the one of the mall under test. */
  follow(now: () => number): void {
    this.base = now;
  }

  set(milliseconds: number): void {
    this.offsetMs = milliseconds - this.base();
  }

  advance(seconds: number): void {
    this.offsetMs += seconds * 1000;
  }

  /** A waiting time of WeChat's, in real milliseconds here. */
  scaled(seconds: number): number {
    return (seconds * 1000) / this.speed;
  }
}
