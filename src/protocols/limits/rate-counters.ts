import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { Clock } from '../../common/clock.js';
import { Config } from '../../config/config.js';

/** Milliseconds. */
const WINDOW = 60_000;
/** Of one window: a flood of addresses starts the count anew instead of filling the memory. */
const MAX_CALLERS = 50_000;
/** Milliseconds that a request waits for Redis, and a start for its connection. */
const COMMAND_TIMEOUT = 1000;
const CONNECT_TIMEOUT = 2000;
/** Milliseconds without a question after one that failed: a silent Redis holds up one request of them, not each. */
const PAUSE = 1000;
/** Seconds after which Redis forgets a window: longer than it lasts, whatever the instances' clocks say. */
const KEPT_FOR = 180;
/** The packages only count here: limits are the routes' own. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Counts requests in whole minutes of our clock: for all instances together in Redis when `REDIS_URL` is set, else in memory,
 * which a restart forgets. While Redis is away each instance counts for itself. Lock-outs after wrong passwords are the login's own.
 */
@Injectable()
export class RateCounters implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('RateLimit');
  private readonly redis: Redis | null;
  private readonly shared: RateLimiterRedis | null;
  private local = newLocal();
  private window = 0;
  private callers = 0;
  private isAway = false;
  /** Of `performance.now()`. */
  private askAgainAt = 0;

  constructor(
    private readonly clock: Clock,
    config: Config,
  ) {
    this.redis = config.redisUrl === null || !config.rateLimit ? null : this.clientOf(config.redisUrl);
    this.shared =
      this.redis &&
      new RateLimiterRedis({
        storeClient: this.redis,
        keyPrefix: 'livemall:limit',
        points: NO_LIMIT,
        duration: KEPT_FOR,
      });
  }

  async onModuleInit(): Promise<void> {
    await this.redis?.connect().catch((error: unknown) => this.noteAbsence(error));
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }

  /** Counts a request; returns the milliseconds until `who` may come again, 0 when he may now. */
  async hit(who: string, limit: number): Promise<number> {
    const now = this.clock.now();
    const window = Math.floor(now / WINDOW);
    const count = (await this.countTogether(`${who} ${window}`)) ?? (await this.countHere(who, window));
    return count > limit ? (window + 1) * WINDOW - now : 0;
  }

  /** Null while Redis is away or not in use. */
  private async countTogether(key: string): Promise<number | null> {
    if (!this.shared || performance.now() < this.askAgainAt) return null;
    try {
      const { consumedPoints } = await this.shared.penalty(key);
      this.noteReturn();
      return consumedPoints;
    } catch (error) {
      this.noteAbsence(error);
      return null;
    }
  }

  private async countHere(who: string, window: number): Promise<number> {
    if (window !== this.window || this.callers >= MAX_CALLERS) {
      this.local = newLocal();
      this.window = window;
      this.callers = 0;
    }
    const { consumedPoints } = await this.local.penalty(who);
    if (consumedPoints === 1) this.callers += 1;
    return consumedPoints;
  }

  private clientOf(url: string): Redis {
    const redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT,
      connectTimeout: CONNECT_TIMEOUT,
    });
    redis.on('error', (error) => this.noteAbsence(error));
    redis.on('ready', () => this.noteReturn());
    return redis;
  }

  private noteAbsence(error: unknown): void {
    if (!this.isAway) this.logger.warn({ message: 'Redis is away: each instance counts for itself', error });
    this.isAway = true;
    this.askAgainAt = performance.now() + PAUSE;
  }

  private noteReturn(): void {
    if (this.isAway) this.logger.log('Redis is back: the instances count together');
    this.isAway = false;
    this.askAgainAt = 0;
  }
}

/** Without a duration nothing expires by itself: it needs no timers, and goes as a whole with its window. */
function newLocal(): RateLimiterMemory {
  return new RateLimiterMemory({ points: NO_LIMIT, duration: 0 });
}
