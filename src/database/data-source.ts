import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../config/config.js';
import { adaptColumns } from './columns.js';

/** What the application stores: given by `ormconfig.ts`, because this layer knows no feature. */
export interface StoredModel {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => object)[];
}

/** A frozen database must not hold a request: a statement that takes longer is given up (milliseconds). */
export const STATEMENT_TIMEOUT = 10_000;
/** SQLite waits for another process's lock inside the event loop: hardly at all, `Transactions` tries again. */
const SQLITE_BUSY_TIMEOUT = 20;

export function createDataSource(config: DatabaseConfig, model: StoredModel): DataSource {
  adaptColumns(config.kind);
  const shared = {
    entities: [...model.entities],
    migrations: [...model.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
  } satisfies Partial<DataSourceOptions>;
  const options: DataSourceOptions =
    config.kind === 'sqlite' ? sqliteOptions(config, shared) : mysqlOptions(config, shared);
  return new DataSource(options);
}

type Shared = Partial<DataSourceOptions>;

function sqliteOptions(config: DatabaseConfig, shared: Shared): DataSourceOptions {
  mkdirSync(dirname(config.location), { recursive: true });
  return {
    ...shared,
    type: 'better-sqlite3',
    database: config.location,
    timeout: SQLITE_BUSY_TIMEOUT,
    enableWAL: true,
    prepareDatabase: (connection: { pragma(text: string): unknown }) => {
      connection.pragma('synchronous = NORMAL');
      connection.pragma('cache_size = -65536');
      connection.pragma('wal_autocheckpoint = 4000');
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
    extra: { connectionLimit: config.poolSize, maxIdle: config.poolSize, enableKeepAlive: true },
  } as DataSourceOptions;
}
