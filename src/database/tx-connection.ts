import type { MysqlConnection, MysqlPool } from './mysql.js';
import { mysqlExecute, mysqlSimple } from './mysql.js';
import type { ExecuteResult, SqlValue } from './sql.js';
import type { SqliteConnection } from './sqlite.js';

/** A connection that belongs to one transaction for as long as that runs. */
export interface TxConnection {
  begin(): Promise<void>;
  execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
  /** `broken` when nothing more may be asked of it: a statement timed out, or the server is gone. */
  release(broken: boolean): void;
}

export function mysqlTxConnection(pool: MysqlPool): Promise<TxConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(wrap(connection))));
  });
}

function wrap(connection: MysqlConnection & { release(): void }): TxConnection {
  return {
    begin: () => mysqlSimple(connection, 'START TRANSACTION'),
    execute: (sql, params) => mysqlExecute(connection, sql, params),
    commit: () => mysqlSimple(connection, 'COMMIT'),
    rollBack: () => mysqlSimple(connection, 'ROLLBACK'),
    release: (broken) => (broken ? connection.destroy() : connection.release()),
  };
}

/** The one writer. IMMEDIATE meets another process's lock here and not in the middle. */
export class SqliteTxConnection implements TxConnection {
  constructor(private readonly writer: SqliteConnection) {}

  async begin(): Promise<void> {
    this.writer.execute('BEGIN IMMEDIATE', []);
  }

  async execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    return this.writer.execute<Row>(sql, params);
  }

  async commit(): Promise<void> {
    this.writer.execute('COMMIT', []);
  }

  async rollBack(): Promise<void> {
    if (this.writer.inTransaction) this.writer.execute('ROLLBACK', []);
  }

  release(): void {}
}
