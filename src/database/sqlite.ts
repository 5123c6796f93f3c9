import type BetterSqlite3 from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import { MAX_STATEMENTS } from './data-source.js';
import { bindable, type ExecuteResult, type SqlValue } from './sql.js';

type Statement = BetterSqlite3.Statement<unknown[]>;

/** One better-sqlite3 connection with its prepared statements; every call blocks the event loop for as long as it runs. */
export class SqliteConnection {
  private readonly statements = new LRUCache<string, Statement>({ max: MAX_STATEMENTS });

  constructor(private readonly connection: BetterSqlite3.Database) {}

  execute<Row>(sql: string, params: readonly SqlValue[]): ExecuteResult<Row> {
    return run(this.prepare(sql), params);
  }

  /** For a text that hardly comes again: nothing of it is kept. */
  executeOnce<Row>(sql: string, params: readonly SqlValue[]): ExecuteResult<Row> {
    return run(this.connection.prepare(sql), params);
  }

  get inTransaction(): boolean {
    return this.connection.inTransaction;
  }

  private prepare(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.connection.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

function run<Row>(statement: Statement, params: readonly SqlValue[]): ExecuteResult<Row> {
  const values = params.map(bindable);
  if (statement.reader) return { rows: statement.all(...values) as Row[], affected: 0, insertId: 0 };
  const { changes, lastInsertRowid } = statement.run(...values);
  return { rows: [], affected: changes, insertId: Number(lastInsertRowid) };
}

/** The one connection of a SQLite data source. */
export function sqliteConnection({ driver }: DataSource): SqliteConnection {
  return new SqliteConnection((driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection);
}
