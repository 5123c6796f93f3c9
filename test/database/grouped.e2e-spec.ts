import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { DomainError } from '../../src/common/domain-error.js';
import { Database } from '../../src/database/database.js';
import { grouped } from '../../src/database/grouped.js';
import type { Outcome } from '../../src/common/outcome.js';
import { Transactions, type Tx } from '../../src/database/transactions.js';
import { describeMall } from '../support/stage.js';
import { until } from '../support/until.js';

declare const testDatabase: 'sqlite' | 'mysql';
const onMysql = (name: string, test: () => Promise<void>) => {
  if (testDatabase === 'mysql') it(name, test);
};

const env = { DATABASE_POOL_SIZE: '12', DATABASE_QUEUE_TIMEOUT: '1' };
const ROWS = 40;

describeMall('grouped transactions', { env }, ({ app }) => {
  let transactions: Transactions;
  /** The calls of each attempt at a group. */
  let groups: number[][];

  beforeAll(async () => {
    transactions = app.app.get(Transactions);
    await app.app
      .get(Database)
      .writer.query('CREATE TABLE scratch_groups (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)');
  });
  beforeEach(async () => {
    groups = [];
    await transactions.run(async (tx) => {
      await tx.execute('DELETE FROM scratch_groups');
      for (let id = 1; id <= ROWS; id += 1) await tx.execute('INSERT INTO scratch_groups VALUES (?, 0)', [id]);
    });
  });

  const add = (tx: Tx, id: number): Promise<unknown> =>
    tx.execute('UPDATE scratch_groups SET n = n + 1 WHERE id = ?', [id]);

  /** Adds 1 to the row of each call, returns the id; `also` comes behind, for each attempt. */
  function adder(also: (tx: Tx, ids: readonly number[], attempt: number) => Promise<unknown> = async () => undefined) {
    return grouped<number, number>(transactions, {
      sizeOf: () => 10,
      work: async (tx, ids): Promise<Outcome<number>[]> => {
        groups.push([...ids]);
        for (const id of ids) if (id > 0) await add(tx, id);
        await also(tx, ids, groups.length);
        return ids.map((id) => (id > 0 ? id : new DomainError('conflict', 'no such row')));
      },
    });
  }

  async function changed(): Promise<Record<number, number>> {
    const rows = await app.rows<{ id: number; n: number }>('SELECT id, n FROM scratch_groups WHERE n <> 0');
    return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
  }
  const once = (ids: readonly number[]): Record<number, number> => Object.fromEntries(ids.map((id) => [id, 1]));
  const idsTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

  const begun = (count: number): Promise<void> => until(`${count} groups`, () => groups.length >= count);

  it('let a call alone go at once, and those that come meanwhile share the next one', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const call = adder((_tx, ids) => (ids[0] === 1 ? gate : Promise.resolve()));
    const first = call(1);
    await begun(1);
    const others = [2, 3, 4].map(call);
    release();
    expect(await Promise.all([first, ...others])).toEqual([1, 2, 3, 4]);
    expect(groups).toEqual([[1], [2, 3, 4]]);
    expect(await changed()).toEqual(once([1, 2, 3, 4]));
  });

  it('stay below the most rows, in the order in which the calls came', async () => {
    const call = adder();
    expect(await Promise.all(idsTo(40).map(call))).toEqual(idsTo(40));
    expect(groups.every((group) => group.length <= 16)).toBe(true);
    expect(groups.flat()).toEqual(idsTo(40));
  });

  it('refuse one call and keep the others', async () => {
    const results = await Promise.allSettled([1, -1, 2].map(adder()));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'conflict', message: 'no such row' } });
    expect(groups).toEqual([[1, -1, 2]]);
    expect(await changed()).toEqual(once([1, 2]));
  });

  it('give each call a transaction of its own where the work raises, and every effect comes once', async () => {
    const call = adder(async (_tx, ids) => {
      if (ids.includes(2)) throw new DomainError('insufficient_balance', 'insufficient balance');
    });
    const results = await Promise.allSettled([1, 2, 3].map(call));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(groups[0]).toEqual([1, 2, 3]);
    expect(groups.slice(1).toSorted(([a], [b]) => a - b)).toEqual([[1], [2], [3]]);
    expect(await changed()).toEqual(once([1, 3]));
  });

  const hangUp = async (tx: Tx): Promise<void> => {
    const { rows } = await tx.execute<{ id: number }>('SELECT CONNECTION_ID() AS id');
    await app.rows(`KILL CONNECTION ${rows[0].id}`);
  };

  onMysql('are made again call by call where the connection is lost before the COMMIT', async () => {
    const call = adder(async (tx, [id], attempt) => {
      if (attempt === 1) await hangUp(tx).then(() => add(tx, id));
    });
    expect(await Promise.all([1, 2, 3].map(call))).toEqual([1, 2, 3]);
    expect(await changed()).toEqual(once([1, 2, 3]));
  });

  onMysql(
    'are refused as unavailable, all calls of them and for good, where the connection is lost at the COMMIT',
    async () => {
      const results = await Promise.allSettled([1, 2, 3].map(adder(hangUp)));
      for (const result of results) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', hints: { retryAfter: 1 } } });
      }
      expect(groups).toEqual([[1, 2, 3]]);
      expect(await changed()).toEqual({});
    },
  );

  onMysql('let others pass while one waits for a lock', async () => {
    let release = (): void => undefined;
    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const holder = transactions.run(async (tx) => {
      await add(tx, 9);
      locked();
      await new Promise<void>((resolve) => (release = resolve));
    });
    await isLocked;
    const call = adder();
    const waiting = call(9);
    await begun(1);
    expect(await Promise.all([1, 2, 3].map(call))).toEqual([1, 2, 3]);
    expect(await changed()).toEqual(once([1, 2, 3]));
    release();
    await holder;
    expect(await waiting).toBe(9);
    expect(await changed()).toEqual({ ...once([1, 2, 3]), 9: 2 });
  });

  it('tell who has waited too long for a turn that the mall is busy, and do nothing for him later', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const call = adder((_tx, ids) => (ids[0] <= 4 ? gate : Promise.resolve()));
    const held: Promise<number>[] = [];
    for (const id of idsTo(4)) {
      held.push(call(id));
      if (testDatabase === 'mysql' || id === 1) await begun(id);
    }
    const late = call(5);
    late.catch(() => undefined);
    if (testDatabase === 'mysql') {
      await expect(late).rejects.toMatchObject({ code: 'unavailable', hints: { retryAfter: 1 } });
    }
    release();
    expect(await Promise.all(held)).toEqual([1, 2, 3, 4]);
    await late.catch(() => undefined);
    expect(await changed()).toEqual(once(testDatabase === 'mysql' ? [1, 2, 3, 4] : idsTo(5)));
  });
});
