import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { PeriodicJobs } from '../../common/periodic-jobs.js';
import { Config } from '../../config/config.js';
import type { Tx } from '../../database/transactions.js';
import { Metrics } from '../../operations/metrics.js';
import { JobStore, type ClaimedJob, type NewJob } from './job-store.js';

/** What a handler answers when a queued job is not finished: it is called again at this time (milliseconds). */
export interface Again {
  readonly againAt: number;
}

/**
 * Does one job. It may be called twice for the same work (a lease that ran out, a crash before the row was updated), so
 * its effect must be idempotent. What it throws makes the job due again after a growing pause.
 */
export type JobHandler = (payload: unknown) => Promise<unknown>;

interface Registration {
  readonly handler: JobHandler;
  /** Null for queued work. */
  readonly everySeconds: number | null;
}

const MAX_AT_ONCE = 8;
/** Pauses after failures (milliseconds): 2 s, 4 s, … up to 10 minutes. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 600_000;

/** Work in the background, kept as rows with leases: it survives a restart and runs once when several instances run. */
@Injectable()
export class JobsService extends PeriodicJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('jobs');
  private readonly registrations = new Map<string, Registration>();
  private readonly running = new Set<Promise<unknown>>();
  private readonly failing = new Set<string>();
  private readonly leaseMs: number;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: JobStore,
    private readonly config: Config,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    super();
    this.leaseMs = config.jobs.leaseSeconds * 1000;
    metrics.gauge(
      'livemall_jobs_failing',
      'Kinds of jobs whose last run on this instance failed',
      () => this.failing.size,
    );
  }

  /** Without `everySeconds` it does what {@link enqueue} asks for under this name. */
  register(name: string, handler: JobHandler, options: { readonly everySeconds?: number } = {}): void {
    if (this.registrations.has(name)) throw new Error(`job ${name} is registered twice`);
    this.registrations.set(name, { handler, everySeconds: options.everySeconds ?? null });
  }

  /**
   * Queues work in `tx`, at `runAt` (milliseconds; now when absent). The payload must survive JSON. While a job of the
   * same `key` waits there is no second one: it takes the newer payload and the earlier time.
   */
  async enqueue(tx: Tx, name: string, payload: unknown, runAt?: number | Date | null, key?: string): Promise<void> {
    await this.store.add(tx, { name, key: key ?? null, payload, dueAt: Number(runAt ?? this.clock.now()) });
  }

  /** Takes a queued job back; one that is running ends its run. */
  async cancel(tx: Tx, key: string): Promise<void> {
    await this.store.remove(tx, key);
  }

  /** Does everything that is due now and waits for it; answers how many jobs were run here. */
  async runDue(): Promise<number> {
    await this.ensurePeriodic();
    const time = this.clock.now();
    for (let count = 0; ;) {
      const started = await this.startDue(time);
      if (started.length === 0) return count;
      await Promise.all(started);
      count += started.length;
    }
  }

  /** Does a periodic job whether it is due or not. Answers false while another instance does it. @throws what its handler throws */
  async runNow(name: string): Promise<boolean> {
    if (!this.registrations.has(name)) throw new Error(`no job is called ${name}`);
    await this.ensurePeriodic();
    const job = await this.store.claimKey(periodicKey(name), this.leaseMs);
    if (!job) return false;
    const error = await this.track(this.perform(job));
    if (error) throw error;
    return true;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.ensurePeriodic();
    this.scheduleTick();
  }

  /** No new work; waits for what runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    while (this.running.size > 0) await Promise.all(this.running);
  }

  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  private scheduleTick(): void {
    this.timer = setTimeout(() => void this.track(this.tick()), this.config.jobs.tickSeconds * 1000).unref();
  }

  private async tick(): Promise<void> {
    try {
      void (await this.startDue(this.clock.now()));
    } catch (error) {
      this.logger.warn(`cannot look for due jobs: ${messageOf(error)}`);
    }
    if (!this.stopped) this.scheduleTick();
  }

  private async startDue(time: number): Promise<Promise<unknown>[]> {
    if (this.stopped) return [];
    const free = MAX_AT_ONCE - this.running.size;
    const jobs = await this.store.claimDue([...this.registrations.keys()], time, Math.max(1, free), this.leaseMs);
    return jobs.map((job) => this.track(this.perform(job)));
  }

  /** Runs one claimed job and notes how it went; answers the error instead of throwing it. */
  private async perform(job: ClaimedJob): Promise<Error | null> {
    const { handler, everySeconds } = this.registrations.get(job.name)!;
    const heartbeat = setInterval(() => void this.extend(job), this.leaseMs / 3).unref();
    try {
      const outcome = await handler(JSON.parse(job.payload));
      this.failing.delete(job.name);
      const next = everySeconds === null ? againAt(outcome) : this.clock.now() + everySeconds * 1000;
      await (next === null ? this.store.finish(job) : this.store.postpone(job, Math.max(next, this.clock.now() + 1)));
      return null;
    } catch (error) {
      this.failing.add(job.name);
      this.logger.error(`job ${job.name} (${job.id}) failed: ${messageOf(error)}`);
      const dueAt = this.clock.now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Number(job.attempts));
      await this.store.fail(job, dueAt, messageOf(error)).catch(() => undefined);
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async extend(job: ClaimedJob): Promise<void> {
    await this.store.extend(job, this.leaseMs).catch(() => undefined);
  }

  private async ensurePeriodic(): Promise<void> {
    const periodic = [...this.registrations].filter(([, { everySeconds }]) => everySeconds !== null);
    const now = this.clock.now();
    await this.store.addIfAbsent(
      periodic.map(([name]): NewJob => ({ name, key: periodicKey(name), payload: null, dueAt: now })),
    );
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
    return work;
  }
}

function periodicKey(name: string): string {
  return `every:${name}`;
}

function againAt(outcome: unknown): number | null {
  const again = (outcome as Again | null | undefined)?.againAt;
  return typeof again === 'number' ? again : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
