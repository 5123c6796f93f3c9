import BetterSqlite3 from 'better-sqlite3';
import mysql from 'mysql2/promise';

export type Value = string | number | null;
export type Row = readonly Value[];

export interface StoredColumn {
  readonly name: string;
  readonly isNumber: boolean;
  /** Whether an INSERT may leave it out. */
  readonly isOptional: boolean;
}

/** A database that the benchmark fills and prepares by itself, beside the server under load. */
export interface Store {
  readonly kind: 'mysql' | 'sqlite';
  columnsOf(table: string): Promise<StoredColumn[]>;
  /** In batches; the rows are read once. */
  insert(table: string, columns: readonly string[], rows: Iterable<Row>): Promise<void>;
  run(sql: string, values?: Row): Promise<void>;
  read<T>(sql: string, values?: Row): Promise<T[]>;
  close(): Promise<void>;
}

const BATCH = 2000;

/** `mysql://…` or `sqlite:<file>`. */
export function openStore(url: string): Promise<Store> {
  return url.startsWith('sqlite:') ? SqliteStore.open(url.slice('sqlite:'.length)) : MysqlStore.open(url);
}

function* batchesOf(rows: Iterable<Row>): Generator<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

class MysqlStore implements Store {
  readonly kind = 'mysql';

  private constructor(private readonly connection: mysql.Connection) {}

  static async open(url: string): Promise<MysqlStore> {
    const connection = await mysql.createConnection({ uri: url, supportBigNumbers: true, timezone: 'Z' });
    await connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES', unique_checks = 0, foreign_key_checks = 0");
    return new MysqlStore(connection);
  }

  async columnsOf(table: string): Promise<StoredColumn[]> {
    const rows = await this.read<{ name: string; type: string; nullable: string; fallback: unknown; extra: string }>(
      'SELECT column_name AS name, data_type AS type, is_nullable AS nullable, column_default AS fallback, extra ' +
        'FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
      [table],
    );
    return rows.map(({ name, type, nullable, fallback, extra }) => ({
      name,
      isNumber: /int|decimal/.test(type),
      isOptional: nullable === 'YES' || fallback !== null || extra.includes('auto_increment'),
    }));
  }

  async insert(table: string, columns: readonly string[], rows: Iterable<Row>): Promise<void> {
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES `;
    for (const batch of batchesOf(rows)) {
      // Text by hand where the rows are numbers, which is most of them: the driver's escaping costs three times as much.
      const numbers = batch[0].every((value) => typeof value === 'number');
      if (numbers) await this.connection.query(sql + batch.map((row) => `(${row.join()})`).join());
      else await this.connection.query(`${sql}?`, [batch]);
    }
  }

  async run(sql: string, values: Row = []): Promise<void> {
    await this.connection.query(sql, [...values]);
  }

  async read<T>(sql: string, values: Row = []): Promise<T[]> {
    const [rows] = await this.connection.query(sql, [...values]);
    return rows as T[];
  }

  close(): Promise<void> {
    return this.connection.end();
  }
}

class SqliteStore implements Store {
  readonly kind = 'sqlite';

  private constructor(private readonly connection: BetterSqlite3.Database) {}

  static async open(file: string): Promise<SqliteStore> {
    const connection = new BetterSqlite3(file, { timeout: 10_000 });
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('cache_size = -200000');
    return new SqliteStore(connection);
  }

  async columnsOf(table: string): Promise<StoredColumn[]> {
    const rows = this.connection.pragma(`table_info(${table})`) as {
      name: string;
      type: string;
      notnull: number;
      dflt_value: unknown;
      pk: number;
    }[];
    return rows.map(({ name, type, notnull, dflt_value: fallback, pk }) => ({
      name,
      isNumber: /int|decimal/i.test(type),
      isOptional: notnull === 0 || fallback !== null || (pk === 1 && /^integer$/i.test(type)),
    }));
  }

  async insert(table: string, columns: readonly string[], rows: Iterable<Row>): Promise<void> {
    const marks = columns.map(() => '?').join(', ');
    const statement = this.connection.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`);
    this.connection.transaction(() => {
      for (const row of rows) statement.run(...row);
    })();
  }

  async run(sql: string, values: Row = []): Promise<void> {
    this.connection.prepare(sql).run(...values);
  }

  async read<T>(sql: string, values: Row = []): Promise<T[]> {
    return this.connection.prepare(sql).all(...values) as T[];
  }

  async close(): Promise<void> {
    this.connection.close();
  }
}
