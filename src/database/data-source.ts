import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions, type QueryRunner, type ReplicationMode } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import type { DatabaseConfig } from '../config/config.js';
import { adaptColumns } from './columns.js';
import { isDatabaseAway } from './errors.js';
import { SnakeCaseColumns } from './naming.js';
import { STATEMENT_TIMEOUT } from './statement-timeout.js';

/** What the application stores: given by `ormconfig.ts`, because this layer knows no feature. */
export interface StoredModel {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => object)[];
}

/** SQLite waits for another process's lock inside the event loop: hardly at all, `Transactions` tries again. */
const SQLITE_BUSY_TIMEOUT = 20;
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
    logging: false,
  } satisfies Partial<DataSourceOptions>;
  return config.kind === 'sqlite'
    ? new DataSource(sqliteOptions(config, shared))
    : new MysqlDataSource(mysqlOptions(config, shared));
}

/** Where SQLite is read outside a transaction: on the writer's connection a reader would see half a transaction. */
export function createReadOnlySqlite(writer: DataSource): DataSource {
  return new DataSource({ ...writer.options, readonly: true, enableWAL: false, prepareDatabase: cacheMore } as never);
}

/** Migrations may take longer than a statement of a request. */
export function withoutTimeout({ options }: DataSource): DataSource {
  return new DataSource({ ...options, enableQueryTimeout: false } as never);
}

interface PooledRunner extends QueryRunner {
  databaseConnection?: { destroy(): void } | undefined;
  databaseConnectionPromise?: unknown;
}

/** Repositories read through it as `Database.read` does: once more when the server had hung up, then `unavailable`. */
class MysqlDataSource extends DataSource {
  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    const runner: PooledRunner = super.createQueryRunner(mode);
    const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
    const again = (given: unknown[]): Promise<unknown> => {
      runner.databaseConnection?.destroy();
      Object.assign(runner, { databaseConnection: undefined, databaseConnectionPromise: undefined });
      return query(...given);
    };
    return Object.assign(runner, {
      query: (...given: unknown[]) =>
        onceMore(
          () => query(...given),
          () => again(given),
        ),
    });
  }
}

/** @throws DomainError `unavailable` when the database is away twice */
export async function onceMore<T>(read: () => Promise<T>, again: () => Promise<T> = read): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
  }
  try {
    return await again();
  } catch (error) {
    if (isDatabaseAway(error)) throw new DomainError('unavailable', 'database unavailable', { cause: error });
    throw error;
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
      maxPreparedStatements: MAX_STATEMENTS,
    },
  } as DataSourceOptions;
}
