interface Waiting {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Why a {@link Semaphore} did not let somebody in: its queue was full, or the wait took too long. */
export class SemaphoreRefusal extends Error {
  constructor(readonly reason: 'full' | 'timeout') {
    super(`semaphore: ${reason}`);
    this.name = 'SemaphoreRefusal';
  }
}

/** Lets `places` in at once, the rest in order of arrival. Its own class, because p-limit knows no time-out and no bound on the queue. */
export class Semaphore {
  private readonly queue: Waiting[] = [];

  /** More than `maxWaiting` callers are refused at once. */
  constructor(
    private places: number,
    private readonly maxWaiting: number = Number.POSITIVE_INFINITY,
  ) {}

  /** Resolves with the way out, to be called exactly once; `timeout` in milliseconds. @throws SemaphoreRefusal */
  acquire(timeout?: number): Promise<() => void> {
    if (this.places > 0) {
      this.places -= 1;
      return Promise.resolve(this.release);
    }
    if (this.queue.length >= this.maxWaiting) return Promise.reject(new SemaphoreRefusal('full'));
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        reject(new SemaphoreRefusal('timeout'));
      };
      const timer = timeout === undefined ? undefined : setTimeout(expire, timeout);
      const waiting: Waiting = { admit: () => resolve(this.release), timer };
      this.queue.push(waiting);
    });
  }

  /** Runs `work` when its turn has come. @throws SemaphoreRefusal, and what `work` throws */
  async run<T>(work: () => Promise<T>, timeout?: number): Promise<T> {
    const release = await this.acquire(timeout);
    try {
      return await work();
    } finally {
      release();
    }
  }

  private readonly release = (): void => {
    const next = this.queue.shift();
    if (!next) {
      this.places += 1;
      return;
    }
    clearTimeout(next.timer);
    next.admit();
  };
}
