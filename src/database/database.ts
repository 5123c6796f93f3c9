import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { createDataSource, createReadOnlySqlite, onceMore, withoutTimeout, type StoredModel } from './data-source.js';
import { mysqlExecute, mysqlPool, prepareSessions, type MysqlPool } from './mysql.js';
import { mysqlSnapshot, sqliteSnapshot, type SnapshotRead } from './snapshot.js';
import { SqlDialect, type DatabaseKind, type SqlValue } from './sql.js';
import { sqliteConnection, type SqliteConnection } from './sqlite.js';

/** Reads outside a transaction, on prepared statements; writes go through `Transactions.run`. */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly sql: SqlDialect;
  /** What the server did not grant; shown by `/health/ready`. */
  readonly warnings: string[] = [];

  private constructor(
    /** What repositories read from: committed rows only. */
    readonly dataSource: DataSource,
    /** Of `Transactions` alone; on MySQL the same one. */
    readonly writer: DataSource,
    private readonly reader: SqliteConnection | null,
    private readonly pool: MysqlPool | null,
  ) {
    this.sql = new SqlDialect(reader ? 'sqlite' : 'mysql');
  }

  /** Connects and brings the tables up to date. */
  static async open(config: Config, model: StoredModel): Promise<Database> {
    const writer = createDataSource(config.database, model);
    if (config.database.kind === 'mysql') {
      await migrateAlone(withoutTimeout(writer));
      await writer.initialize();
      const pool = mysqlPool(writer);
      await prepareSessions(pool);
      return new Database(writer, writer, null, pool);
    }
    await writer.initialize();
    await writer.runMigrations();
    const dataSource = await createReadOnlySqlite(writer).initialize();
    return new Database(dataSource, writer, sqliteConnection(dataSource), null);
  }

  get kind(): DatabaseKind {
    return this.sql.kind;
  }

  /** Committed rows. @throws DomainError `unavailable` while the database is away */
  async read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    if (this.reader) return this.reader.execute<Row>(sql, params).rows;
    return (await onceMore(() => mysqlExecute<Row>(this.pool!, sql, params))).rows;
  }

  async readOne<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row | null> {
    return (await this.read<Row>(sql, params))[0] ?? null;
  }

  /** Reads as of one moment, on a connection of their own; for audits. Ask in slices: what is read is held in memory. */
  async snapshot<T>(work: (read: SnapshotRead) => Promise<T>): Promise<T> {
    const { pool } = this;
    if (!pool) return sqliteSnapshot(String(this.dataSource.options.database), work);
    return onceMore(() => mysqlSnapshot(pool, work));
  }

  async onApplicationShutdown(): Promise<void> {
    for (const dataSource of new Set([this.dataSource, this.writer])) {
      if (dataSource.isInitialized) await dataSource.destroy();
    }
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
