import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import BetterSqlite3 from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { createDataSource, type StoredModel } from './data-source.js';
import { isDatabaseAway } from './errors.js';
import { mysqlExecute, mysqlPool, prepareSessions, type MysqlPool } from './mysql.js';
import { mysqlSnapshot, sqliteSnapshot, type SnapshotRead } from './snapshot.js';
import { SqlWords, type DatabaseKind, type ExecuteResult, type SqlValue } from './sql.js';
import { SqliteConnection } from './sqlite.js';

/** Reads outside a transaction, on prepared statements; writes go through `Transactions.run`. */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly sql: SqlWords;
  /** What the server did not grant; shown by `/health/ready`. */
  readonly warnings: string[] = [];

  private constructor(
    readonly dataSource: DataSource,
    private readonly reader: SqliteConnection | null,
    private readonly pool: MysqlPool | null,
  ) {
    this.sql = new SqlWords(reader ? 'sqlite' : 'mysql');
  }

  /** Connects and brings the tables up to date. */
  static async open(config: Config, model: StoredModel): Promise<Database> {
    const dataSource = createDataSource(config.database, model);
    await dataSource.initialize();
    const pool = config.database.kind === 'mysql' ? mysqlPool(dataSource) : null;
    if (pool) await prepareSessions(pool);
    await migrate(dataSource);
    if (pool) return new Database(dataSource, null, pool);
    const reader = new BetterSqlite3(config.database.location, { readonly: true, timeout: 20 });
    reader.pragma('cache_size = -65536');
    return new Database(dataSource, new SqliteConnection(reader), null);
  }

  get kind(): DatabaseKind {
    return this.sql.kind;
  }

  /** Committed rows. @throws DomainError `unavailable` while the database is away */
  async read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    if (this.reader) return this.reader.execute<Row>(sql, params).rows;
    try {
      return (await this.readMysql<Row>(sql, params)).rows;
    } catch (error) {
      if (isDatabaseAway(error)) throw new DomainError('unavailable', 'database unavailable', { cause: error });
      throw error;
    }
  }

  /** Once more when the server had hung up on an idle connection. */
  private async readMysql<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    try {
      return await mysqlExecute<Row>(this.pool!, sql, params);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      return mysqlExecute<Row>(this.pool!, sql, params);
    }
  }

  async readOne<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row | null> {
    return (await this.read<Row>(sql, params))[0] ?? null;
  }

  /** Reads as of one moment, on a connection of their own; for audits. Ask in slices: what is read is held in memory. */
  async snapshot<T>(work: (read: SnapshotRead) => Promise<T>): Promise<T> {
    if (!this.pool) return sqliteSnapshot(String(this.dataSource.options.database), work);
    try {
      return await mysqlSnapshot(this.pool, work);
    } catch (error) {
      if (isDatabaseAway(error)) throw new DomainError('unavailable', 'database unavailable', { cause: error });
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.reader?.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/** Two instances may start together: on MySQL a named lock lets one migrate while the other waits. */
async function migrate(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type !== 'mysql') {
    await dataSource.runMigrations();
    return;
  }
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query("SELECT GET_LOCK('livemall.migrations', 60)");
    await dataSource.runMigrations();
    await runner.query("SELECT RELEASE_LOCK('livemall.migrations')");
  } finally {
    await runner.release();
  }
}
