import type { DataSource } from 'typeorm';
import type { DatabaseConfig } from '../config/config.js';
import { isUnusable, NO_CONNECTION } from './errors.js';
import { bindable, type ExecuteResult, type SqlValue } from './sql.js';
import { STATEMENT_TIMEOUT, watched, watchedForConnection } from './statement-timeout.js';

interface CommandEvents {
  on(event: string, listener: (value: never) => void): CommandEvents;
}

type Done = (error: Error | null, result: unknown) => void;

/** The part of mysql2's callback API that is used here: its promise wrapper captures a stack per query. */
export interface MysqlConnection {
  execute(sql: string, values: readonly unknown[], done: Done): { readonly statement?: PreparedStatement };
  query(sql: string, done: Done): unknown;
  query(sql: string, values: readonly unknown[], done: Done): unknown;
  query(sql: string): CommandEvents;
  destroy(): void;
  readonly stream: { destroy(): void };
}

export interface PooledConnection extends MysqlConnection {
  /** By `Date.now`: when it was opened, or last given back. */
  readonly lastActiveTime: number;
  release(): void;
}

type Taken = (error: Error | null, connection: PooledConnection) => void;

export interface MysqlPool {
  on(event: 'connection', listener: (connection: MysqlConnection) => void): void;
  getConnection(done: Taken): void;
}

/** What is kept of a parameter: the driver sends whole numbers as what the server expects. */
interface ParameterHint {
  readonly columnType: number;
  readonly flags: number;
}

/** Kept by the driver for each connection and text. */
interface PreparedStatement {
  columns: readonly unknown[];
  parameters: readonly ParameterHint[];
}

interface ResultHeader {
  readonly affectedRows: number;
  readonly insertId: number;
}

export function mysqlPool(dataSource: DataSource): MysqlPool {
  return (dataSource.driver as unknown as { pool: MysqlPool }).pool;
}

/** Half of the connections for transactions, the other half for single statements: 16 commit as much as 32 do. */
export function poolSizes({ poolSize }: DatabaseConfig): {
  readonly transactions: number;
  readonly statements: number;
} {
  const transactions = Math.ceil(poolSize / 2);
  return { transactions, statements: poolSize - transactions };
}

const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = 4",
];
/** The first statement opens the transaction, so that BEGIN costs no round trip. */
const TRANSACTIONS_ONLY = 'SET SESSION autocommit = 0';

/** Calls that wait for a connection of a pool: mysql2 keeps those that have given up, too. */
const MOST_WAITING = 5000;
/** Connections that have been idle since before then may be as dead as the one that was given up. */
let trustedSince = 0;

type Closable = Pick<MysqlConnection, 'destroy' | 'stream'>;

/** At once: on a half-open connection mysql2's own `destroy` would wait for the other side. */
function close(connection: Closable): void {
  connection.destroy();
  connection.stream.destroy();
}

/** It gets no place in the pool any more: a statement that was given up may be answered late or never. */
export function discard(connection: Closable): void {
  trustedSince = Date.now() - STATEMENT_TIMEOUT;
  close(connection);
}

/** Whoever asks this pool for a connection, TypeORM too, gets a sound one or an error in bounded time; mysql2 has no limit. */
function boundWaits(pool: MysqlPool): void {
  const take = pool.getConnection.bind(pool);
  let waiting = 0;
  const takeTrusted = (done: Taken): void =>
    take((error, connection) => {
      if (error || connection.lastActiveTime >= trustedSince) return done(error, connection);
      close(connection);
      takeTrusted(done);
    });
  pool.getConnection = (done) => {
    const giveUp = done as (error: Error) => void;
    if (waiting >= MOST_WAITING) return giveUp(Object.assign(new Error('too many wait'), { code: NO_CONNECTION }));
    let hasGivenUp = false;
    waiting += 1;
    const ended = watchedForConnection((error) => {
      hasGivenUp = true;
      giveUp(error);
    });
    takeTrusted((error, connection) => {
      waiting -= 1;
      ended();
      if (!hasGivenUp) done(error, connection);
      else if (!error) connection.release();
    });
  };
}

/** Strict mode, because silent truncation corrupts money; READ COMMITTED, because guarded updates need no gap locks. */
export async function prepareSessions(pool: MysqlPool, use: 'transactions' | 'statements'): Promise<void> {
  const session = use === 'transactions' ? [...SESSION, TRANSACTIONS_ONLY] : SESSION;
  const prepare = (connection: MysqlConnection): void => {
    for (const statement of session) connection.query(statement).on('error', () => connection.destroy());
  };
  pool.on('connection', prepare);
  boundWaits(pool);
  // TypeORM has opened one already, to see whether it can.
  const opened = await takeConnection(pool);
  prepare(opened);
  opened.release();
}

export function takeConnection(pool: MysqlPool): Promise<PooledConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
  });
}

/** A statement that commits by itself, on a connection of the pool. */
export async function mysqlAlone<Row>(
  pool: MysqlPool,
  sql: string,
  params: readonly SqlValue[],
): Promise<ExecuteResult<Row>> {
  const connection = await takeConnection(pool);
  try {
    const result = await mysqlExecute<Row>(connection, sql, params);
    connection.release();
    return result;
  } catch (error) {
    if (isUnusable(error)) discard(connection);
    else connection.release();
    throw error;
  }
}

/** The connection is of no use any more when it takes too long. */
export function mysqlExecute<Row>(
  connection: MysqlConnection,
  sql: string,
  params: readonly SqlValue[],
): Promise<ExecuteResult<Row>> {
  return resultOf((done) => {
    const command = connection.execute(sql, params.map(bindable), (error, result) => {
      // On a connection that is closed already the error comes before there is a command.
      if (!error && command.statement) slim(command.statement);
      done(error, result);
    });
  });
}

/** As text, with the values escaped by the driver; for an INSERT, because the rows of a text come as other types. */
export function mysqlExecuteOnce<Row>(
  connection: MysqlConnection,
  sql: string,
  params: readonly SqlValue[],
): Promise<ExecuteResult<Row>> {
  return resultOf((done) => connection.query(sql, params.map(bindable), done));
}

function resultOf<Row>(send: (done: Done) => unknown): Promise<ExecuteResult<Row>> {
  return new Promise((resolve, reject) => {
    const ended = watched(reject);
    send((error, result) => {
      ended();
      if (error) return reject(error);
      if (Array.isArray(result)) return resolve({ rows: result as Row[], affected: 0, insertId: 0 });
      const header = result as ResultHeader;
      return resolve({ rows: [], affected: header.affectedRows, insertId: header.insertId });
    });
  });
}

const NO_COLUMNS: readonly unknown[] = [];
const HINTS = new Map<number, ParameterHint>();

/** The driver keeps the server's whole description of each column and parameter, 30 MB on 24 connections, and reads two numbers of it. */
function slim(statement: PreparedStatement): void {
  if (statement.columns === NO_COLUMNS) return;
  statement.columns = NO_COLUMNS;
  statement.parameters = statement.parameters.map(({ columnType, flags }) => {
    const key = columnType * 0x10000 + flags;
    const hint = HINTS.get(key) ?? { columnType, flags };
    HINTS.set(key, hint);
    return hint;
  });
}

/** A statement without parameters or rows, such as COMMIT. */
export async function mysqlSimple(connection: MysqlConnection, sql: string): Promise<void> {
  await resultOf((done) => connection.query(sql, done));
}
