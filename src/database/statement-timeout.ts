import { NO_CONNECTION, TIMED_OUT } from './errors.js';

/** Milliseconds between two looks. */
const LOOK_EVERY = 250;

interface UnderWay {
  readonly until: number;
  readonly giveUp: (error: Error) => void;
}

/**
 * HOT PATH: one timer looks after all waits of a kind, because the driver's own, one for each, makes a small statement up to twice
 * as dear (docs/performance.md, "Where the speed lives").
 */
class Limit {
  /** The oldest first. */
  private readonly underWay = new Set<UnderWay>();
  private looking: NodeJS.Timeout | null = null;

  constructor(
    private readonly milliseconds: number,
    private readonly code: string,
    private readonly message: string,
  ) {}

  /** Calls `giveUp` unless the returned function is called in time. */
  watched(giveUp: (error: Error) => void): () => void {
    const wait = { until: performance.now() + this.milliseconds, giveUp };
    this.underWay.add(wait);
    this.looking ??= setInterval(() => this.look(), LOOK_EVERY).unref();
    return () => void this.underWay.delete(wait);
  }

  private look(): void {
    const now = performance.now();
    for (const wait of this.underWay) {
      if (wait.until > now) return;
      this.underWay.delete(wait);
      wait.giveUp(Object.assign(new Error(this.message), { code: this.code }));
    }
    clearInterval(this.looking!);
    this.looking = null;
  }
}

/** A frozen database must not hold a request: a statement that takes longer is given up (milliseconds). */
export const STATEMENT_TIMEOUT = 10_000;
const statements = new Limit(STATEMENT_TIMEOUT, TIMED_OUT, 'the statement took too long');
const connections = new Limit(5000, NO_CONNECTION, 'no connection was free in time');

export const watched = statements.watched.bind(statements);
export const watchedForConnection = connections.watched.bind(connections);

/** @throws Error when it takes longer than a statement may */
export function bounded<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = watched(reject);
    void work.then(resolve, reject).finally(ended);
  });
}
