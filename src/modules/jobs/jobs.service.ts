import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../config/config.js';
import { DeclaredMethods } from '../../operations/declared-methods.js';
import { Metrics } from '../../operations/metrics.js';
import { PeriodicJob, type PeriodicJobOptions } from './periodic-job.decorator.js';
import { JobStore, type ClaimedJob, type FreeJob } from './job-store.js';

interface DiscoveredJob {
  readonly run: () => Promise<unknown>;
  readonly everySeconds: number;
  readonly byAge: boolean;
}

const MAX_AT_ONCE = 8;
/** Pauses after failures (milliseconds): 2 s, 4 s, … up to 10 minutes. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 600_000;
/** What instances' times may be apart (milliseconds). */
const APART = 30_000;

/** Runs every method with `@PeriodicJob`, by rows with leases: on one instance at a time, taken over when that one is gone. */
@Injectable()
export class JobsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('jobs');
  private readonly jobs = new Map<string, DiscoveredJob>();
  private readonly running = new Set<Promise<unknown>>();
  private readonly failing = new Set<string>();
  private readonly leaseMs: number;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly store: JobStore,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly methods: DeclaredMethods,
    metrics: Metrics,
  ) {
    this.leaseMs = config.jobs.leaseSeconds * 1000;
    metrics.gauge(
      'livemall_jobs_failing',
      'Kinds of jobs whose last run on this instance failed',
      () => this.failing.size,
    );
  }

  /** Does everything that is due now and waits for it. Returns how many jobs were run here. */
  async runDue(): Promise<number> {
    const time = this.clock.now();
    for (let count = 0; ;) {
      const started = await this.startDue(time);
      if (started.length === 0) return count;
      await Promise.all(started);
      count += started.length;
    }
  }

  /** Does a job whether it is due or not. Returns false while another instance does it, or it waits. @throws what the job throws */
  async runNow(name: string): Promise<boolean> {
    if (!this.jobs.has(name)) throw new Error(`no job is called ${name}`);
    const job = this.mayRun(name) ? await this.store.claimNamed(name, this.leaseMs) : null;
    if (!job) return false;
    const error = await this.track(this.perform(job));
    if (error) throw error;
    return true;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.discover();
    await this.store.addIfAbsent([...this.jobs.keys()]);
    this.scheduleTick();
  }

  /** No new work; waits for what runs. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    while (this.running.size > 0) await Promise.all(this.running);
  }

  /** Every method with `@PeriodicJob`. */
  private discover(): void {
    for (const [{ name, everySeconds, byAge = false }, run] of this.methods.by<
      PeriodicJobOptions,
      DiscoveredJob['run']
    >(PeriodicJob)) {
      if (this.jobs.has(name)) throw new Error(`two jobs are called ${name}`);
      const seconds = typeof everySeconds === 'number' ? everySeconds : everySeconds(this.config);
      this.jobs.set(name, { run, everySeconds: seconds, byAge });
    }
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
    const names = [...this.jobs.keys()].filter((name) => this.mayRun(name));
    const isDue = (job: FreeJob): boolean => job.dueAt <= time || job.dueAt > this.latestTimeOf(job);
    const claimed = await this.store.claimDue(names, isDue, Math.max(1, free), this.leaseMs);
    return claimed.map((job) => this.track(this.perform(job)));
  }

  private mayRun(name: string): boolean {
    return this.clock.isSettled || !this.jobs.get(name)?.byAge;
  }

  /** What is due later still was put there by a wrong clock, and is due now. */
  private latestTimeOf({ name, attempts }: FreeJob): number {
    const wait = attempts > 0 ? LONGEST_PAUSE : this.jobs.get(name)!.everySeconds * 1000;
    return this.clock.now() + wait + APART;
  }

  /** Runs one claimed job and notes how it went. Returns the error instead of throwing it. */
  private async perform(job: ClaimedJob): Promise<Error | null> {
    const { run, everySeconds } = this.jobs.get(job.name)!;
    const heartbeat = setInterval(() => void this.extend(job), this.leaseMs / 3).unref();
    try {
      await run();
      this.failing.delete(job.name);
      await this.store.postpone(job, this.clock.now() + Math.max(1, everySeconds * 1000));
      return null;
    } catch (error) {
      this.failing.add(job.name);
      this.logger.error(`job ${job.name} (${job.id}) failed: ${messageOf(error)}`);
      const dueAt = this.clock.now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** job.attempts);
      await this.store.fail(job, dueAt, messageOf(error)).catch(() => undefined);
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async extend(job: ClaimedJob): Promise<void> {
    await this.store.extend(job, this.leaseMs).catch(() => undefined);
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
    return work;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
