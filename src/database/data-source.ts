import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { AbstractLogger, DataSource, type DataSourceOptions, type QueryRunner, type ReplicationMode } from 'typeorm';
import type { DatabaseConfig } from '../config/config.js';
import { adaptColumns } from './columns.js';
import { isDatabaseAway, isUnusable, withUnavailable } from './errors.js';
import { discard } from './mysql.js';
import { SnakeCaseColumns } from './naming.js';
import { STATEMENT_TIMEOUT } from './statement-timeout.js';

/** What the application stores: given by `ormconfig.ts`, because this layer knows no feature. */
export interface StoredModel {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => object)[];
}

/** TypeORM's own writes what took long to the console, parameters and all, whatever `logging` says. */
class SilentLogger extends AbstractLogger {
  protected override writeLog(): void {}
}

/** SQLite waits for another process's lock inside the event loop: hardly at all, `Transactions` tries again. */
const SQLITE_BUSY_TIMEOUT = 20;
/** An idle connection is asked whether it lives (milliseconds): a firewall forgets the idle, and a dead one is found before its use. */
const KEEP_ALIVE_AFTER = 10_000;
/** Prepared statements that a connection keeps, those that were used last: a server gives 16,382 to all of its connections. */
export const MAX_STATEMENTS = 200;

export function createDataSource(config: DatabaseConfig, model: StoredModel): DataSource {
  adaptColumns(config.kind);
  const shared = {
    entities: [...model.entities],
    migrations: [...model.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeCaseColumns(),
    synchronize: false,
    logger: new SilentLogger(),
  } satisfies Partial<DataSourceOptions>;
  return config.kind === 'sqlite'
    ? new DataSource(sqliteOptions(config, shared))
    : new MysqlDataSource(mysqlOptions(config, shared));
}

/** Where SQLite is read outside a transaction: on the writer's connection a reader would see half a transaction. */
export function createReadOnlySqlite(writer: DataSource): DataSource {
  const source = new DataSource({
    ...writer.options,
    readonly: true,
    enableWAL: false,
    prepareDatabase: cacheMore,
  } as never);
  // It has one runner.
  withQuery(
    source.driver.createQueryRunner('master'),
    (query) =>
      (...given) =>
        query(...given).catch(raiseUnavailable),
  );
  return source;
}

function raiseUnavailable(error: unknown): never {
  throw withUnavailable(error);
}

/** Migrations may take longer than a statement of a request. */
export function withoutTimeout({ options }: DataSource): DataSource {
  return new DataSource({ ...options, enableQueryTimeout: false } as never);
}

interface PooledRunner extends QueryRunner {
  databaseConnection?: Parameters<typeof discard>[0] | undefined;
  databaseConnectionPromise?: unknown;
}

type Query = (...given: unknown[]) => Promise<unknown>;

/** Repositories read through it as `Database.read` does: once more when the server had hung up, then `unavailable`. */
class MysqlDataSource extends DataSource {
  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    const runner: PooledRunner = super.createQueryRunner(mode);
    return withQuery(runner, (query) => {
      const ask: Query = async (...given) => {
        try {
          return await query(...given);
        } catch (error) {
          if (isUnusable(error)) leaveConnection(runner);
          throw error;
        }
      };
      return (...given) => onceMore(() => ask(...given));
    });
  }
}

function withQuery(runner: QueryRunner, around: (query: Query) => Query): QueryRunner {
  return Object.assign(runner, { query: around(runner.query.bind(runner) as Query) });
}

function leaveConnection(runner: PooledRunner): void {
  if (runner.databaseConnection) discard(runner.databaseConnection);
  Object.assign(runner, { databaseConnection: undefined, databaseConnectionPromise: undefined });
}

/** A server that has hung up says so at once (milliseconds): whoever has waited longer asks no second time. */
const AT_ONCE = 1000;

/** @throws DomainError `unavailable` when the database is away twice, or cannot answer */
export async function onceMore<T>(read: () => Promise<T>): Promise<T> {
  const asked = performance.now();
  try {
    return await read();
  } catch (error) {
    if (!isDatabaseAway(error) || performance.now() - asked > AT_ONCE) throw withUnavailable(error);
  }
  try {
    return await read();
  } catch (error) {
    throw withUnavailable(error);
  }
}

type Shared = Partial<DataSourceOptions>;

interface PragmaConnection {
  pragma(text: string): unknown;
}

function cacheMore(connection: PragmaConnection): void {
  connection.pragma('cache_size = -65536');
}

/** A new one is its owner's alone; SQLite gives the files that it puts beside it the same mode. */
function makeFile(location: string): void {
  mkdirSync(dirname(location), { recursive: true, mode: 0o700 });
  closeSync(openSync(location, 'a', 0o600));
}

function sqliteOptions(config: DatabaseConfig, shared: Shared): DataSourceOptions {
  makeFile(config.location);
  return {
    ...shared,
    type: 'better-sqlite3',
    database: config.location,
    timeout: SQLITE_BUSY_TIMEOUT,
    enableWAL: true,
    prepareDatabase: (connection: PragmaConnection) => {
      connection.pragma('synchronous = NORMAL');
      connection.pragma('wal_autocheckpoint = 4000');
      cacheMore(connection);
    },
  } as DataSourceOptions;
}

function mysqlOptions(config: DatabaseConfig, shared: Shared): DataSourceOptions {
  return {
    ...shared,
    type: 'mysql',
    url: config.location,
    charset: 'utf8mb4',
    timezone: 'Z',
    connectTimeout: 3000,
    supportBigNumbers: true,
    bigNumberStrings: false,
    maxQueryExecutionTime: STATEMENT_TIMEOUT,
    enableQueryTimeout: true,
    extra: {
      connectionLimit: config.poolSize,
      maxIdle: config.poolSize,
      enableKeepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER,
      maxPreparedStatements: MAX_STATEMENTS,
    },
  } as DataSourceOptions;
}
