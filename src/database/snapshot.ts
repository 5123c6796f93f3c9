import BetterSqlite3 from 'better-sqlite3';
import { discard, mysqlExecute, mysqlSimple, takeConnection, type MysqlPool } from './mysql.js';
import type { SqlValue } from './sql.js';
import { SqliteConnection } from './sqlite.js';

/** Reads committed rows, all as of one moment. */
export type SnapshotRead = <Row>(sql: string, params?: readonly SqlValue[]) => Promise<Row[]>;

/** A connection of its own: on the shared one an open read would show everybody the past. */
export async function sqliteSnapshot<T>(location: string, work: (read: SnapshotRead) => Promise<T>): Promise<T> {
  const connection = new BetterSqlite3(location, { readonly: true, timeout: 20 });
  const statements = new SqliteConnection(connection);
  try {
    connection.exec('BEGIN');
    return await work(async <Row>(sql: string, params: readonly SqlValue[] = []) => {
      // Each statement blocks the event loop: between two of them requests are served.
      await new Promise((resolve) => setImmediate(resolve));
      return statements.execute<Row>(sql, params).rows;
    });
  } finally {
    connection.close();
  }
}

export async function mysqlSnapshot<T>(pool: MysqlPool, work: (read: SnapshotRead) => Promise<T>): Promise<T> {
  const connection = await takeConnection(pool);
  try {
    await mysqlSimple(connection, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await mysqlSimple(connection, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await work(
      async <Row>(sql: string, params: readonly SqlValue[] = []) =>
        (await mysqlExecute<Row>(connection, sql, params)).rows,
    );
    await mysqlSimple(connection, 'COMMIT');
    connection.release();
    return result;
  } catch (error) {
    discard(connection);
    throw error;
  }
}
