import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Config, type DatabaseConfig } from '../config/config.js';
import { createDataSource, createReadOnlySqlite, onceMore, withoutTimeout, type StoredModel } from './data-source.js';
import { withUnavailable } from './errors.js';
import { mysqlAlone, mysqlPool, poolSizes, prepareSessions, type MysqlPool } from './mysql.js';
import { mysqlSnapshot, sqliteSnapshot, type SnapshotRead } from './snapshot.js';
import { SqlDialect, type DatabaseKind, type SqlValue } from './sql.js';
import { sqliteConnection, type SqliteConnection } from './sqlite.js';
import { bounded } from './statement-timeout.js';

/** Reads outside a transaction, on prepared statements; writes go through `Transactions.run`. */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly sql: SqlDialect;
  /** What the server did not grant; shown by `/health/ready`. */
  readonly warnings: string[] = [];

  private constructor(
    /** What repositories read from: committed rows only. On MySQL each of its statements commits by itself. */
    readonly dataSource: DataSource,
    /** Of `Transactions` alone; on MySQL its connections are always in a transaction, or about to begin one. */
    readonly writer: DataSource,
    private readonly reader: SqliteConnection | null,
    private readonly pool: MysqlPool | null,
  ) {
    this.sql = new SqlDialect(reader ? 'sqlite' : 'mysql');
  }

  /** Connects and brings the tables up to date. */
  static async open(config: Config, model: StoredModel): Promise<Database> {
    if (config.database.kind === 'mysql') return Database.openMysql(config.database, model);
    const writer = createDataSource(config.database, model);
    await writer.initialize();
    await writer.runMigrations();
    const dataSource = await createReadOnlySqlite(writer).initialize();
    return new Database(dataSource, writer, sqliteConnection(dataSource), null);
  }

  private static async openMysql(config: DatabaseConfig, model: StoredModel): Promise<Database> {
    const { transactions, statements } = poolSizes(config);
    const [writer, dataSource] = [transactions, statements].map((poolSize) =>
      createDataSource({ ...config, poolSize }, model),
    );
    await migrateAlone(withoutTimeout(writer));
    await Promise.all([writer.initialize(), dataSource.initialize()]);
    await Promise.all([
      prepareSessions(mysqlPool(writer), 'transactions'),
      prepareSessions(mysqlPool(dataSource), 'statements'),
    ]);
    return new Database(dataSource, writer, null, mysqlPool(dataSource));
  }

  get kind(): DatabaseKind {
    return this.sql.kind;
  }

  /** Committed rows. @throws DomainError `unavailable` while the database is away, or cannot answer */
  async read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    if (this.reader) return readSqlite<Row>(this.reader, sql, params);
    return (await onceMore(() => mysqlAlone<Row>(this.pool!, sql, params))).rows;
  }

  async readOne<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row | null> {
    return (await this.read<Row>(sql, params))[0] ?? null;
  }

  /** Reads as of one moment, on a connection of their own; for audits. Ask in slices: what is read is held in memory. */
  async snapshot<T>(work: (read: SnapshotRead) => Promise<T>): Promise<T> {
    const { pool } = this;
    if (!pool) return onceMore(() => sqliteSnapshot(String(this.dataSource.options.database), work));
    return onceMore(() => mysqlSnapshot(pool, work));
  }

  /** A silent connection never says good-bye: the process ends without. */
  async onApplicationShutdown(): Promise<void> {
    const open = [...new Set([this.dataSource, this.writer])].filter(({ isInitialized }) => isInitialized);
    await Promise.allSettled(open.map((dataSource) => bounded(dataSource.destroy())));
  }
}

function readSqlite<Row>(reader: SqliteConnection, sql: string, params: readonly SqlValue[]): Row[] {
  try {
    return reader.execute<Row>(sql, params).rows;
  } catch (error) {
    throw withUnavailable(error);
  }
}

/** Two instances may start together: on MySQL a named lock lets one migrate while the other waits. */
async function migrateAlone(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query("SELECT GET_LOCK('livemall.migrations', 60)");
    await dataSource.runMigrations();
    await runner.query("SELECT RELEASE_LOCK('livemall.migrations')");
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}
