import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { Database } from '../../src/database/database.js';
import { tableOf } from '../../src/database/table.js';
import { Transactions, type Tx } from '../../src/database/transactions.js';
import { Job } from '../../src/modules/jobs/job.entity.js';
import { Tab } from '../../src/modules/tabs/tab.entity.js';
import { describeMall } from '../support/stage.js';
import { statementsOf } from '../support/statements.js';

declare const testDatabase: 'sqlite' | 'mysql';
const only = (kind: 'sqlite' | 'mysql') => (name: string, test: () => Promise<void>) => {
  if (testDatabase === kind) it(name, test);
};
const onMysql = only('mysql');
const onSqlite = only('sqlite');

const env = { DATABASE_POOL_SIZE: '5', DATABASE_QUEUE_TIMEOUT: '1' };

describeMall('transactions', { env }, ({ app }) => {
  let transactions: Transactions;

  beforeAll(async () => {
    transactions = app.app.get(Transactions);
    const { writer } = app.app.get(Database);
    await writer.query('CREATE TABLE scratch (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)');
  });
  beforeEach(() =>
    transactions.run(async (tx) => {
      await tx.execute('DELETE FROM scratch');
      await tx.execute('INSERT INTO scratch (id, n) VALUES (1, 0), (2, 0)');
    }),
  );
  const add = (tx: Tx, id: number, n = 1): Promise<unknown> =>
    tx.execute('UPDATE scratch SET n = n + ? WHERE id = ?', [n, id]);

  async function numbers(): Promise<number[]> {
    return (await app.rows<{ n: number }>('SELECT n FROM scratch ORDER BY id')).map(({ n }) => n);
  }

  it('a failing one undoes nothing of its neighbours, however they interleave', async () => {
    const neighbours = Array.from({ length: 30 }, (_, index) =>
      transactions.run(async (tx) => {
        await add(tx, 1);
        await sleep(index % 4);
        await add(tx, 2);
        if (index % 3 === 0) throw new Error('changed my mind');
      }),
    );
    const results = await Promise.allSettled(neighbours);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await numbers()).toEqual([20, 20]);
  });

  it('undoes all of what failed and raises the very error', async () => {
    const error = new Error('changed my mind');
    const failed = transactions.run(async (tx) => {
      await add(tx, 1);
      await tx.execute('INSERT INTO scratch (id, n) VALUES (3, 3)');
      throw error;
    });
    await expect(failed).rejects.toBe(error);
    expect(await numbers()).toEqual([0, 0]);
  });

  it('shows its changes to itself, to a participant it hands its Tx to, and to nobody else before the commit', async () => {
    const participant = async (tx: Tx): Promise<number | undefined> => {
      await add(tx, 1);
      return (await tx.execute<{ n: number }>('SELECT n FROM scratch WHERE id = 1')).rows[0]?.n;
    };
    await transactions.run(async (tx) => {
      await add(tx, 1);
      expect(await participant(tx)).toBe(2);
      expect(await numbers()).toEqual([0, 0]);
    });
    expect(await numbers()).toEqual([2, 0]);
  });

  it('undoes a participant with the whole, even when its error was caught on the way', async () => {
    const participant = async (tx: Tx): Promise<void> => {
      await add(tx, 2);
      throw new Error('inner');
    };
    const failed = transactions.run(async (tx) => {
      await add(tx, 1);
      await participant(tx).catch(() => undefined);
      throw new Error('outer');
    });
    await expect(failed).rejects.toThrow('outer');
    expect(await numbers()).toEqual([0, 0]);
  });

  it('are never begun inside one another: every test would fail at once instead of waiting for itself', async () => {
    const nested = transactions.run(async (tx) => {
      await add(tx, 1);
      await transactions.run((inner) => add(inner, 2));
    });
    await expect(nested).rejects.toThrow('inside a transaction');
    expect(await numbers()).toEqual([0, 0]);
    await Promise.all([transactions.run((tx) => add(tx, 1)), transactions.run((tx) => add(tx, 1))]);
    expect(await numbers()).toEqual([2, 0]);
  });

  it('runs what waits for the commit once, after it, and never after a roll-back', async () => {
    const seen: unknown[] = [];
    await transactions.run(async (tx) => {
      tx.afterCommit(() => seen.push('committed'));
      await add(tx, 1);
      seen.push('working');
    });
    const failed = transactions.run(async (tx) => {
      tx.afterCommit(() => seen.push('never'));
      await add(tx, 1);
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow();
    expect(seen).toEqual(['working', 'committed']);
  });

  it('inserts what is missing, each once and none left out, while others insert some of the same', async () => {
    const namesOf = (round: number) => Array.from({ length: 6 }, (_, index) => `crowd.${(round * 5 + index * 7) % 40}`);
    const rounds = Array.from({ length: 8 }, (_, round) => namesOf(round).toSorted());
    const row = { dueAt: 0, attempts: 0, createdAt: 0 };
    await Promise.all(
      rounds.map((names) =>
        transactions.run(async (tx) => {
          const wanted = names.map((name) => ({ ...row, name }));
          await tx.insertMissing(tableOf(Job), wanted);
          const { rows } = await tx.execute(
            `SELECT name FROM jobs WHERE name IN (${names.map(() => '?').join()})`,
            names,
          );
          expect(rows).toHaveLength(names.length);
        }),
      ),
    );
    const [{ count }] = await app.rows<{ count: number }>(
      "SELECT COUNT(*) AS count FROM jobs WHERE name LIKE 'crowd.%'",
    );
    expect(Number(count)).toBe(new Set(rounds.flat()).size);
  });

  it('answers the generated ids of many rows in order, also with others inserting at the same time', async () => {
    const inserted = await Promise.all(
      Array.from({ length: 12 }, (_, round) =>
        transactions.run(async (tx) => {
          const names = Array.from({ length: 5 }, (_, index) => `tab ${round}.${index}`);
          const tabs = names.map((name) => ({ name, createdAt: 0, updatedAt: 0 }));
          return { names, ids: await tx.insert(tableOf(Tab), tabs) };
        }),
      ),
    );
    const stored = new Map(
      (await app.rows<{ id: number; name: string }>('SELECT id, name FROM tabs')).map((r) => [r.id, r.name]),
    );
    for (const { names, ids } of inserted) expect(ids.map((id) => stored.get(id))).toEqual(names);
    expect(stored.size).toBe(60);
  });

  it('loses no connection to failures', async () => {
    for (let round = 0; round < 20; round += 1) {
      const failed = transactions.run((tx) => tx.execute('SELECT * FROM nowhere'));
      await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('nowhere') });
    }
    await transactions.run((tx) => add(tx, 1));
    expect(await numbers()).toEqual([1, 0]);
  });

  it('serves reads while transactions hold every place that there is for them', async () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const holders = Array.from({ length: 10 }, () =>
      transactions.run(async (tx) => {
        await tx.execute('SELECT n FROM scratch');
        await opened;
      }),
    );
    expect(await numbers()).toEqual([0, 0]);
    open();
    await Promise.all(holders);
  });

  onSqlite('run one after the other in order of arrival, however long each of them waits', async () => {
    const order: string[] = [];
    await Promise.all(
      [5, 0, 3].map((delay, index) =>
        transactions.run(async (tx) => {
          order.push(`begin ${index}`);
          await add(tx, 1);
          await sleep(delay);
          order.push(`end ${index}`);
        }),
      ),
    );
    expect(order).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  onSqlite("wait for another process's write lock without running their closure twice", async () => {
    const other = new BetterSqlite3(app.database.url.slice('sqlite:'.length));
    try {
      other.exec('BEGIN IMMEDIATE');
      let runs = 0;
      const waiting = transactions.run(async (tx) => {
        runs += 1;
        await add(tx, 1);
      });
      await sleep(30);
      other.exec('COMMIT');
      await waiting;
      expect([runs, await numbers()]).toEqual([1, [1, 0]]);

      other.exec('BEGIN IMMEDIATE');
      await expect(transactions.run((tx) => add(tx, 1))).rejects.toMatchObject({ code: 'unavailable' });
      other.exec('COMMIT');
      await transactions.run((tx) => add(tx, 1));
      expect(await numbers()).toEqual([2, 0]);
    } finally {
      other.close();
    }
  });

  onMysql(
    'begin with their first statement and send nothing else but a COMMIT; without a statement nothing at all',
    async () => {
      expect(await statementsOf(app, () => transactions.run((tx) => add(tx, 1)))).toEqual([
        'UPDATE scratch SET n = n + ? WHERE id = ?',
        'COMMIT',
      ]);
      expect(await statementsOf(app, () => transactions.run(async () => undefined))).toEqual([]);
      expect(await statementsOf(app, () => transactions.run((tx) => tx.manager.existsBy(Tab, { id: 1 })))).toEqual([
        expect.stringMatching(/^SELECT/),
        'COMMIT',
      ]);
      const failed = () => transactions.run((tx) => tx.execute('SELECT * FROM nowhere')).catch(() => undefined);
      expect(await statementsOf(app, failed)).toEqual(['SELECT * FROM nowhere', 'ROLLBACK']);
      expect(await statementsOf(app, () => transactions.write('UPDATE scratch SET n = 5 WHERE id = 2'))).toEqual([
        'UPDATE scratch SET n = 5 WHERE id = 2',
      ]);
      expect(await numbers()).toEqual([1, 5]);
    },
  );

  onMysql('leave nothing open behind them, whether they read, wrote, failed or did nothing', async () => {
    const closures: ((tx: Tx) => Promise<unknown>)[] = [
      (tx) => tx.execute('SELECT n FROM scratch'),
      (tx) => tx.manager.findBy(Tab, {}),
      (tx) => add(tx, 1),
      (tx) => tx.execute('SELECT n FROM scratch FOR UPDATE'),
      async (tx) => {
        await add(tx, 1);
        throw new Error('changed my mind');
      },
      (tx) => tx.execute('SELECT * FROM nowhere'),
      async () => undefined,
    ];
    await Promise.allSettled(Array.from({ length: 4 }, () => closures.map((work) => transactions.run(work))).flat());
    await transactions.write('UPDATE scratch SET n = 7 WHERE id = 2');
    const open = await app.rows<{ id: number }>(
      'SELECT t.trx_id AS id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE()',
    );
    expect([open, await numbers()]).toEqual([[], [4, 7]]);
  });

  onMysql('see at each statement what others have committed since, through repositories too', async () => {
    const name = 'seen meanwhile';
    await transactions.run(async (tx) => {
      const before = await tx.execute('SELECT n FROM scratch WHERE id = 2');
      const none = await tx.manager.countBy(Tab, { name });
      await transactions.write('UPDATE scratch SET n = 9 WHERE id = 2');
      await transactions.write('INSERT INTO tabs (name, created_at, updated_at) VALUES (?, 0, 0)', [name]);
      const after = await tx.execute('SELECT n FROM scratch WHERE id = 2');
      expect([before.rows, none, after.rows]).toEqual([[{ n: 0 }], 0, [{ n: 9 }]]);
      expect(await tx.manager.countBy(Tab, { name })).toBe(1);
    });
    await transactions.write('DELETE FROM tabs WHERE name = ?', [name]);
  });

  onMysql('undo what a repository wrote', async () => {
    const failed = transactions.run(async (tx) => {
      await tx.manager.insert(Tab, { name: 'never', createdAt: 0, updatedAt: 0 });
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await app.rows("SELECT id FROM tabs WHERE name = 'never'")).toEqual([]);
  });

  const hangUp = async (tx: Tx): Promise<void> => {
    const { rows } = await tx.execute<{ id: number }>('SELECT CONNECTION_ID() AS id');
    await app.rows(`KILL CONNECTION ${rows[0].id}`);
  };

  onMysql(
    'run the whole closure again when the connection is lost before the COMMIT, with every effect once',
    async () => {
      let runs = 0;
      await transactions.run(async (tx) => {
        runs += 1;
        await add(tx, 1);
        if (runs === 1) await hangUp(tx);
        await add(tx, 2);
      });
      expect([runs, await numbers()]).toEqual([2, [1, 1]]);
    },
  );

  // With the pause this process knows of the loss before it asks for the COMMIT.
  const lostAtCommit = async (pause: number): Promise<void> => {
    let runs = 0;
    const lost = transactions.run(async (tx) => {
      runs += 1;
      await add(tx, 1);
      await hangUp(tx);
      await new Promise((resolve) => setTimeout(resolve, pause));
    });
    await expect(lost).rejects.toMatchObject({ code: 'unavailable', hints: { retryAfter: 1 } });
    expect(runs).toBe(1);
    await transactions.run((tx) => add(tx, 2));
    expect(await numbers()).toEqual([0, 1]);
  };
  onMysql('are refused as unavailable, and never run again, when the connection is lost at the COMMIT', () =>
    lostAtCommit(0),
  );
  onMysql('are refused as unavailable too when the connection is known to be lost before the COMMIT is sent', () =>
    lostAtCommit(300),
  );

  onMysql('run the whole closure again after a deadlock, with every effect and every afterCommit once', async () => {
    let runs = 0;
    const committed: string[] = [];
    let arrived = 0;
    let meet!: () => void;
    const met = new Promise<void>((resolve) => (meet = resolve));
    const crossing = (first: number, second: number): Promise<void> =>
      transactions.run(async (tx) => {
        runs += 1;
        tx.afterCommit(() => committed.push(`${first} ${second}`));
        await add(tx, first);
        if ((arrived += 1) === 2) meet();
        await met;
        await add(tx, second);
      });
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    expect(await numbers()).toEqual([2, 2]);
    expect(committed.sort()).toEqual(['1 2', '2 1']);
  });

  onMysql(
    'run the whole closure again after a lock-wait time-out, which by itself undoes one statement only',
    async () => {
      let runs = 0;
      const holder = transactions.run(async (tx) => {
        await add(tx, 1);
        await sleep(5000);
      });
      await sleep(50);
      const waiter = transactions.run(async (tx) => {
        runs += 1;
        await add(tx, 2);
        await add(tx, 1);
      });
      await Promise.all([holder, waiter]);
      expect(runs).toBeGreaterThan(1);
      expect(await numbers()).toEqual([2, 1]);
    },
  );

  onMysql('are refused as unavailable, not kept waiting for ever, while no place comes free', async () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const holders = [1, 2, 3].map(() => transactions.run(() => opened));
    await expect(transactions.run((tx) => add(tx, 1))).rejects.toMatchObject({
      code: 'unavailable',
      hints: { retryAfter: 1 },
    });
    open();
    await Promise.all(holders);
    await transactions.run((tx) => add(tx, 1));
    expect(await numbers()).toEqual([1, 0]);
  });
});
