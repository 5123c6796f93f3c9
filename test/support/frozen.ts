import BetterSqlite3 from 'better-sqlite3';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import type { TestDatabase } from './database.js';

/** A database in which nobody can commit a change until it is thawed. */
export interface Frozen {
  /** Whether a writer is known to be held back; on SQLite, where nobody can tell, true. */
  isAwaited(): Promise<boolean>;
  /** Lets the database go on without whoever is connected now: a dead process's unfinished work is undone first. */
  thaw(): Promise<void>;
}

/** Lets nobody write to `tables`, or to any; on SQLite always to none. */
export async function freeze(database: TestDatabase, tables?: readonly string[]): Promise<Frozen> {
  if (database.kind === 'sqlite') {
    const writer = new BetterSqlite3(database.url.slice('sqlite:'.length), { timeout: 5000 });
    writer.exec('BEGIN IMMEDIATE');
    return { isAwaited: () => Promise.resolve(true), thaw: () => Promise.resolve(void writer.close()) };
  }
  const connection = await mysql.createConnection(database.url);
  const rowsOf = async (sql: string): Promise<RowDataPacket[]> => (await connection.query<RowDataPacket[]>(sql))[0];
  const names = tables ?? (await rowsOf('SHOW TABLES')).map((row) => String(Object.values(row)[0]));
  // Named before the lock: a session that locks tables may read no other.
  const others = () =>
    rowsOf('SELECT id, state FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()');
  await connection.query(`LOCK TABLES ${names.map((name) => `\`${name}\` READ`).join(', ')}`);
  return {
    isAwaited: async () => (await others()).some(({ state }) => String(state).includes('metadata lock')),
    thaw: async () => {
      for (const { id } of await others()) await connection.query(`KILL CONNECTION ${id}`).catch(ignoreGone);
      await connection.query('UNLOCK TABLES');
      await connection.end();
    },
  };
}

/** MySQL: the connection has ended by itself meanwhile. */
function ignoreGone(error: { errno?: number }): void {
  if (error.errno !== 1094) throw error;
}
