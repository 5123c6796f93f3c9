import { DomainError } from '../common/domain-error.js';

interface Waiting {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Lets `places` in at once, the rest in order of arrival. A bounded pool without it waits for ever: mysql2 has no acquire time-out. */
export class Gate {
  private readonly queue: Waiting[] = [];

  constructor(private places: number) {}

  /** Resolves with the way out, to be called exactly once. @throws DomainError `unavailable` after `timeout` milliseconds */
  enter(timeout: number): Promise<() => void> {
    if (this.places > 0) {
      this.places -= 1;
      return Promise.resolve(this.leave);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        reject(new DomainError('unavailable', 'too busy', { retryAfter: 1 }));
      }, timeout);
      const waiting: Waiting = { admit: () => resolve(this.leave), timer };
      this.queue.push(waiting);
    });
  }

  private readonly leave = (): void => {
    const next = this.queue.shift();
    if (!next) {
      this.places += 1;
      return;
    }
    clearTimeout(next.timer);
    next.admit();
  };
}
