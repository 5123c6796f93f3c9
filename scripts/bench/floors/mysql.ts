import { createPool, type Pool, type PoolConnection } from 'mysql2';

/** One connection for each client of the usual load. */
const CONNECTIONS = 32;

export type Values = (string | number | null)[];

export interface Written {
  readonly affectedRows: number;
  readonly insertId: number;
}

/** mysql2's callback API: its promises capture a stack per query. The sessions are as livemall's. */
export function openPool(url: string): Pool {
  const options = { uri: url, connectionLimit: CONNECTIONS, supportBigNumbers: true, timezone: 'Z' } as const;
  const pool = createPool({ ...options, enableKeepAlive: true, maxPreparedStatements: 200 });
  pool.on('connection', (connection) => {
    connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'");
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  return pool;
}

/** A prepared statement. */
export function execute<T>(connection: Pool | PoolConnection, sql: string, values: Values): Promise<T> {
  return new Promise((resolve, reject) => {
    connection.execute(sql, values, (error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

function say(connection: PoolConnection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => (error ? reject(error) : resolve()));
  });
}

export async function transaction<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await new Promise<PoolConnection>((resolve, reject) => {
    pool.getConnection((error, granted) => (error ? reject(error) : resolve(granted)));
  });
  try {
    await say(connection, 'START TRANSACTION');
    const result = await work(connection);
    await say(connection, 'COMMIT');
    return result;
  } catch (error) {
    await say(connection, 'ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    connection.release();
  }
}
