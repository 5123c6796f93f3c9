import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { DomainError } from '../../../common/domain-error.js';
import { Semaphore, SemaphoreRefusal } from '../../../common/semaphore.js';
import { Config } from '../../../config/config.js';

/** A core stays free for everything else, and so does one of the four threads that files and host names are read on. */
const MAX_RUNNING = Math.min(3, Math.max(1, availableParallelism() - 1));
const MAX_WAITING = 50;
/** Milliseconds. */
const LONGEST_WAIT = 5000;

/** argon2id with the configured cost. Few run at once, so that a storm of logins does not starve the orders (docs/security.md 2.5). */
@Injectable()
export class PasswordHasher {
  private readonly turns = new Semaphore(MAX_RUNNING, MAX_WAITING);
  private dummy: Promise<string> | undefined;

  constructor(private readonly config: Config) {}

  /**
   * Runs `work`, which may hash, when its turn has come.
   * @throws DomainError `too_many_requests` when too many wait already, `unavailable` when the wait takes too long
   */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.run(work, LONGEST_WAIT);
    } catch (error) {
      if (!(error instanceof SemaphoreRefusal)) throw error;
      const code = error.reason === 'full' ? 'too_many_requests' : 'unavailable';
      throw new DomainError(code, 'too many logins at once', { retryAfter: 1 });
    }
  }

  /** To be called inside {@link inTurn}. */
  hash(password: string): Promise<string> {
    const { memoryKib, time, parallelism } = this.config.argon2;
    return hash(password, { memoryCost: memoryKib, timeCost: time, parallelism });
  }

  /** Takes as long for no hash as for one: the time does not tell whether a phone is known. Inside {@link inTurn}. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.dummy ??= this.hash(randomBytes(16).toString('hex'));
    const right = await verify(stored ?? (await this.dummy), password);
    return right && stored !== null;
  }

  /** Whether a stored hash was made at a lower cost than the configured one. */
  isOutdated(stored: string): boolean {
    const { memoryKib, time, parallelism } = this.config.argon2;
    const made = parseOptions(stored);
    return made.memoryCost < memoryKib || made.timeCost < time || made.parallelism < parallelism;
  }
}
