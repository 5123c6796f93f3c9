import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { model } from '../../ormconfig.js';
import { loadConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { Database } from '../../src/database/database.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { DatabaseTime } from '../../src/database/time/database-time.js';
import { Transactions } from '../../src/database/transactions.js';
import type { Job } from '../../src/modules/jobs/job.entity.js';
import { JobsModule } from '../../src/modules/jobs/jobs.module.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { PeriodicJob } from '../../src/modules/jobs/periodic-job.decorator.js';
import { ProtocolsModule } from '../../src/protocols/protocols.module.js';
import { OperationsModule } from '../../src/operations/operations.module.js';
import { RunningClock } from '../support/clock.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const clock = new RunningClock();
const pass = (seconds: number): void => clock.advance(seconds * 1000);
let database: TestDatabase;
/** Which instance did which job. */
let done: string[] = [];

interface Worker {
  doing: () => Promise<unknown>;
}

class ModuleOfTheTest {}

/** A provider with one job of that name, every minute. */
function worker(name: string, label: string): Type<Worker> {
  @Injectable()
  class Work implements Worker {
    doing: () => Promise<unknown> = async () => undefined;

    @PeriodicJob({ name, everySeconds: 60 })
    async run(): Promise<void> {
      done.push(`${label} ${name}`);
      await this.doing();
    }
  }
  return Work;
}

/** One process of the mall, with the jobs feature and the jobs of these names. */
class Instance {
  private constructor(
    private readonly context: INestApplicationContext,
    private readonly workers: ReadonlyMap<string, Type<Worker>>,
  ) {}

  static async start(label: string, names: readonly string[] = ['test.work'], tick = 3600): Promise<Instance> {
    const env = { DATABASE_URL: database.url, JWT_SECRET: 'q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga', JOBS_TICK: String(tick) };
    const workers = names.map((name) => [name, worker(name, label)] as const);
    const context = await NestFactory.createApplicationContext(
      {
        module: ModuleOfTheTest,
        imports: [
          ConfigModule.forRoot(loadConfig(env), clock),
          DatabaseModule.forRoot(model),
          ProtocolsModule,
          OperationsModule,
          JobsModule,
        ],
        providers: workers.map(([, type]) => type),
      },
      { logger: false, abortOnError: false },
    );
    return new Instance(context, new Map(workers));
  }

  get jobs(): JobsService {
    return this.context.get(JobsService);
  }

  /** What its job does from now on. */
  does(doing: () => Promise<unknown>, name = 'test.work'): void {
    this.context.get<Worker>(this.workers.get(name)!).doing = doing;
  }

  async row(name = 'test.work'): Promise<Pick<Job, 'attempts'> & { last_error: string | null }> {
    const rows = await this.context
      .get(Database)
      .read<Pick<Job, 'attempts'> & { last_error: string | null }>(
        'SELECT attempts, last_error FROM jobs WHERE name = ?',
        [name],
      );
    expect(rows).toHaveLength(1);
    return rows[0];
  }

  async write(sql: string, params: (string | number)[]): Promise<void> {
    await this.context.get(Transactions).write(sql, params);
  }

  databaseTime(): Promise<number> {
    return this.context.get(DatabaseTime).now();
  }

  stop(): Promise<void> {
    return this.context.close();
  }
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

/** As if the leases had been given 31 s earlier: they go by the database's clock. */
const outlast = (by: Instance): Promise<void> => by.write('UPDATE jobs SET lease_until = lease_until - ?', [31_000]);

/** A process that is gone holds the job for this many milliseconds. */
async function leaseElsewhere(by: Instance, milliseconds: number): Promise<void> {
  const until = (await by.databaseTime()) + milliseconds;
  await by.write('UPDATE jobs SET lease_owner = ?, lease_until = ? WHERE name = ?', ['gone', until, 'test.work']);
}

let one: Instance;
let two: Instance;
const both = (): Promise<unknown> => Promise.all([one.jobs.runDue(), two.jobs.runDue()]);

beforeAll(async () => {
  database = await createTestDatabase();
  one = await Instance.start('one');
  two = await Instance.start('two');
});
afterAll(async () => {
  await two.stop();
  await one.stop();
  await database.drop();
});
/** Each test finds every job due and nothing done. */
beforeEach(() => {
  pass(3600);
  done = [];
  for (const instance of [one, two]) instance.does(async () => undefined);
});

describe('a periodic job', () => {
  it('is done when it is due, and not again before its period is over', async () => {
    for (const expected of [1, 2]) {
      await one.jobs.runDue();
      await one.jobs.runDue();
      expect(done).toHaveLength(expected);
      pass(61);
    }
  });

  it('is repeated after a growing pause until it succeeds', async () => {
    let failures = 0;
    one.does(async () => {
      if (failures < 2) throw new Error(`failure ${(failures += 1)}`);
    });
    await one.jobs.runDue();
    expect(await one.row()).toEqual({ attempts: 1, last_error: 'failure 1' });
    await one.jobs.runDue();
    expect(failures).toBe(1);
    pass(3);
    await one.jobs.runDue();
    expect(await one.row()).toEqual({ attempts: 2, last_error: 'failure 2' });
    pass(3);
    await one.jobs.runDue();
    expect(done).toHaveLength(2);
    pass(2);
    await one.jobs.runDue();
    expect(done).toHaveLength(3);
    expect(await one.row()).toEqual({ attempts: 0, last_error: null });
  });

  it('can be asked for before it is due, and then raises what it raises', async () => {
    await one.jobs.runDue();
    expect(await two.jobs.runNow('test.work')).toBe(true);
    expect(done).toEqual(['one test.work', 'two test.work']);
    two.does(() => Promise.reject(new Error('broken')));
    await expect(two.jobs.runNow('test.work')).rejects.toThrow('broken');
    two.does(async () => undefined);
    expect(await two.jobs.runNow('test.work')).toBe(true);
    await expect(one.jobs.runNow('test.nothing')).rejects.toThrow('no job is called test.nothing');
  });
});

describe('several instances', () => {
  it('do a job once per period', async () => {
    for (const expected of [1, 2]) {
      await both();
      await both();
      expect(done).toHaveLength(expected);
      pass(61);
    }
  });

  it('do many jobs, each once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `test.shared.${index}`);
    const [three, four] = [await Instance.start('three', names), await Instance.start('four', names)];
    await Promise.all([three, four, three, four].map(({ jobs }) => jobs.runDue()));
    expect(done.map((text) => text.split(' ')[1]).toSorted()).toEqual(names.toSorted());
    await three.stop();
    await four.stop();
  });

  it('leave a job alone while its lease lasts, take over when it has run out, and are not disturbed by who comes late', async () => {
    const stuck = gate();
    one.does(async () => {
      await stuck.wait();
      throw new Error('too late');
    });
    const run = one.jobs.runDue();
    await stuck.entered;
    await two.jobs.runDue();
    expect(await two.jobs.runNow('test.work')).toBe(false);
    expect(done).toEqual(['one test.work']);
    await outlast(two);
    await two.jobs.runDue();
    expect(done).toEqual(['one test.work', 'two test.work']);
    stuck.open();
    await run;
    expect(await one.row()).toEqual({ attempts: 0, last_error: null });
    await both();
    expect(done).toHaveLength(2);
  });

  it('take over what one that died had begun', async () => {
    await leaseElsewhere(two, 30_000);
    await both();
    expect(done).toEqual([]);
    await outlast(two);
    await both();
    expect(done).toHaveLength(1);
  });
});

describe('a clock that was an hour ahead for a moment', () => {
  const hour = 3_600_000;
  beforeEach(async () => {
    clock.jump(hour);
    await one.jobs.runDue();
    clock.jump(-hour);
    done = [];
  });

  it('stops no job for longer than its period', async () => {
    pass(61);
    await both();
    expect(done).toHaveLength(1);
    await both();
    expect(done).toHaveLength(1);
    pass(61);
    await both();
    expect(done).toHaveLength(2);
  });

  it('stops none after a restart either', async () => {
    const next = await Instance.start('next');
    pass(61);
    await next.jobs.runDue();
    await next.stop();
    expect(done).toEqual(['next test.work']);
  });

  it('leaves no lease that outlasts its holder', async () => {
    pass(61);
    await leaseElsewhere(two, hour);
    await both();
    expect(done).toHaveLength(1);
  });
});

describe('a restart', () => {
  it('waits for what runs, and finds the job where it was left', async () => {
    const leaving = await Instance.start('leaving', ['test.slow']);
    const slow = gate();
    let finished = false;
    leaving.does(async () => {
      await slow.wait();
      finished = true;
    }, 'test.slow');
    const run = leaving.jobs.runDue();
    await slow.entered;
    const stopping = leaving.stop();
    setTimeout(slow.open, 20);
    await stopping;
    await run;
    expect(finished).toBe(true);

    const next = await Instance.start('next', ['test.slow']);
    await next.jobs.runDue();
    expect(done).toEqual(['leaving test.slow']);
    pass(61);
    await next.jobs.runDue();
    await next.stop();
    expect(done).toEqual(['leaving test.slow', 'next test.slow']);
  });

  it('goes on by its own timer', async () => {
    const ticking = await Instance.start('ticking', ['test.tick'], 0.02);
    const reached = gate();
    ticking.does(reached.wait, 'test.tick');
    await reached.entered;
    reached.open();
    await ticking.stop();
    expect(done).toEqual(['ticking test.tick']);
  });
});
