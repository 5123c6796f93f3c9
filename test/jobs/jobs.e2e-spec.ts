import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/common/clock.js';
import { Transactions } from '../../src/database/transactions.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

class MovableClock extends Clock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  advance(seconds: number): void {
    this.offset += seconds * 1000;
  }
}

const clock = new MovableClock();
let database: TestDatabase;
let app: TestApp;
let other: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await TestApp.start({ database, clock });
  other = await TestApp.start({ database, clock, simulator: app.simulator });
});
afterAll(async () => {
  await other.stop();
  await app.stop();
  await database.drop();
});
afterEach(async () => {
  expect(await waiting()).toEqual([]);
});

function jobsOf(instance: TestApp): JobsService {
  return instance.app.get(JobsService);
}

function enqueue(name: string, payload: unknown, runAt?: number, key?: string): Promise<void> {
  return app.app.get(Transactions).run((tx) => jobsOf(app).enqueue(tx, name, payload, runAt, key));
}

function waiting(): Promise<{ name: string; attempts: number; last_error: string | null }[]> {
  return app.rows(
    "SELECT name, attempts, last_error FROM jobs WHERE name LIKE 'test.%' AND (job_key IS NULL OR job_key NOT LIKE 'every:%')",
  );
}

/** Handles `name` on one instance (or both) and keeps what it was given. */
function collect(name: string, instances: TestApp[] = [app]): unknown[] {
  const seen: unknown[] = [];
  for (const instance of instances) jobsOf(instance).register(name, async (payload) => seen.push(payload));
  return seen;
}

/** A handler that waits until it is let go. */
function gate(): { entered: Promise<void>; wait: () => Promise<void>; open: () => void } {
  let enter = (): void => {};
  let open = (): void => {};
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    entered,
    open: () => open(),
    wait: () => {
      enter();
      return opened;
    },
  };
}

describe('queued work', () => {
  it('is done once, with its payload, after the transaction that asked for it', async () => {
    const seen = collect('test.once');
    await enqueue('test.once', { order: 7, name: '茶' });
    expect(await waiting()).toHaveLength(1);
    expect(await jobsOf(app).runDue()).toBeGreaterThan(0);
    await jobsOf(app).runDue();
    expect(seen).toEqual([{ order: 7, name: '茶' }]);
  });

  it('is never done when that transaction is rolled back', async () => {
    const seen = collect('test.lost');
    const failing = app.app.get(Transactions).run(async (tx) => {
      await jobsOf(app).enqueue(tx, 'test.lost', 1);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await jobsOf(app).runDue();
    expect(seen).toEqual([]);
  });

  it('waits for its time', async () => {
    const seen = collect('test.later');
    await enqueue('test.later', 1, clock.now() + 60_000);
    await jobsOf(app).runDue();
    expect(seen).toEqual([]);
    clock.advance(61);
    await jobsOf(app).runDue();
    expect(seen).toEqual([1]);
  });

  it('stands in the queue once per key, with the newer payload and the earlier time', async () => {
    const seen = collect('test.keyed');
    await enqueue('test.keyed', 'old', clock.now() - 1, 'test.keyed:1');
    await enqueue('test.keyed', 'new', clock.now() + 60_000, 'test.keyed:1');
    await enqueue('test.keyed', 'other', undefined, 'test.keyed:2');
    await jobsOf(app).runDue();
    expect(new Set(seen)).toEqual(new Set(['new', 'other']));
    expect(seen).toHaveLength(2);
  });

  it('is done again when it was asked for while it ran', async () => {
    const seen: unknown[] = [];
    const first = gate();
    jobsOf(app).register('test.again', async (payload) => {
      seen.push(payload);
      if (seen.length === 1) await first.wait();
    });
    await enqueue('test.again', 1, undefined, 'test.again');
    const run = jobsOf(app).runDue();
    await first.entered;
    await enqueue('test.again', 2, undefined, 'test.again');
    first.open();
    await run;
    await jobsOf(app).runDue();
    expect(seen).toEqual([1, 2]);
  });

  it('can be taken back', async () => {
    const seen = collect('test.cancelled');
    await enqueue('test.cancelled', 1, undefined, 'test.cancelled');
    await app.app.get(Transactions).run((tx) => jobsOf(app).cancel(tx, 'test.cancelled'));
    await jobsOf(app).runDue();
    expect(seen).toEqual([]);
  });

  it('is repeated after a growing pause until it succeeds', async () => {
    let failures = 0;
    jobsOf(app).register('test.failing', async () => {
      if (failures < 2) throw new Error(`failure ${(failures += 1)}`);
    });
    await enqueue('test.failing', null);
    await jobsOf(app).runDue();
    expect(await waiting()).toEqual([{ name: 'test.failing', attempts: 1, last_error: 'failure 1' }]);
    await jobsOf(app).runDue();
    expect(failures).toBe(1);
    clock.advance(3);
    await jobsOf(app).runDue();
    expect(await waiting()).toMatchObject([{ attempts: 2, last_error: 'failure 2' }]);
    clock.advance(3);
    await jobsOf(app).runDue();
    expect(await waiting()).toHaveLength(1);
    clock.advance(2);
    await jobsOf(app).runDue();
    expect(await waiting()).toEqual([]);
  });

  it('is called again when its handler asks for that', async () => {
    let calls = 0;
    jobsOf(app).register('test.ladder', async () => ((calls += 1) < 3 ? { againAt: clock.now() + 10_000 } : undefined));
    await enqueue('test.ladder', null);
    for (const expected of [1, 2, 3]) {
      await jobsOf(app).runDue();
      expect(calls).toBe(expected);
      clock.advance(11);
    }
  });
});

describe('several instances', () => {
  it('do each job once', async () => {
    const seen = collect('test.shared', [app, other]);
    const payloads = Array.from({ length: 40 }, (_, index) => index);
    for (const payload of payloads) await enqueue('test.shared', payload);
    await Promise.all([jobsOf(app).runDue(), jobsOf(other).runDue(), jobsOf(app).runDue(), jobsOf(other).runDue()]);
    expect(seen.map(Number).toSorted((a, b) => a - b)).toEqual(payloads);
  });

  it('leave a job alone while its lease lasts, and take over when it has run out', async () => {
    const stuck = gate();
    const seen: string[] = [];
    jobsOf(app).register('test.stuck', async () => {
      seen.push('first');
      await stuck.wait();
      throw new Error('too late');
    });
    jobsOf(other).register('test.stuck', async () => seen.push('second'));
    await enqueue('test.stuck', null);
    const run = jobsOf(app).runDue();
    await stuck.entered;
    await jobsOf(other).runDue();
    expect(seen).toEqual(['first']);
    clock.advance(31);
    await jobsOf(other).runDue();
    expect(seen).toEqual(['first', 'second']);
    stuck.open();
    await run;
  });

  it('do a periodic job once per period', async () => {
    let calls = 0;
    for (const instance of [app, other]) {
      jobsOf(instance).register('test.periodic', async () => (calls += 1), { everySeconds: 60 });
    }
    for (const expected of [1, 2]) {
      await Promise.all([jobsOf(app).runDue(), jobsOf(other).runDue()]);
      await Promise.all([jobsOf(app).runDue(), jobsOf(other).runDue()]);
      expect(calls).toBe(expected);
      clock.advance(61);
    }
    expect(await jobsOf(other).runNow('test.periodic')).toBe(true);
    expect(calls).toBe(3);
  });
});

describe('a restart', () => {
  it('loses no work, and waits for what runs', async () => {
    const leaving = await TestApp.start({ database, clock, simulator: app.simulator });
    const slow = gate();
    let finished = false;
    jobsOf(leaving).register('test.slow', async () => {
      await slow.wait();
      finished = true;
    });
    await enqueue('test.slow', null);
    await enqueue('test.left', 'kept');
    const run = jobsOf(leaving).runDue();
    await slow.entered;
    const stopping = leaving.stop();
    setTimeout(slow.open, 20);
    await stopping;
    await run;
    expect(finished).toBe(true);

    const next = await TestApp.start({ database, clock, simulator: app.simulator });
    const seen = collect('test.left', [next]);
    await jobsOf(next).runDue();
    await next.stop();
    expect(seen).toEqual(['kept']);
  });

  it('goes on by its own timer', async () => {
    const ticking = await TestApp.start({ database, clock, simulator: app.simulator, env: { JOBS_TICK: '0.02' } });
    const done = gate();
    jobsOf(ticking).register('test.tick', done.wait);
    await enqueue('test.tick', null);
    await done.entered;
    done.open();
    await ticking.stop();
  });
});
