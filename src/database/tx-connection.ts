import type { DataSource, EntityManager } from 'typeorm';
import type { MysqlConnection } from './mysql.js';
import { mysqlExecute, mysqlPool, mysqlSimple } from './mysql.js';
import type { ExecuteResult, SqlValue } from './sql.js';
import type { SqliteConnection } from './sqlite.js';

/** A connection that prepared statements and TypeORM share for as long as one transaction runs. */
export interface TxConnection {
  begin(): Promise<void>;
  execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** TypeORM's manager on this very connection; made for those who ask, because it costs a third of a small transaction. */
  manager(): EntityManager;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
  /** `broken` when nothing more may be asked of it: a statement timed out, or the server is gone. */
  release(broken: boolean): void;
}

export function mysqlTxConnection(dataSource: DataSource): Promise<TxConnection> {
  return new Promise((resolve, reject) => {
    mysqlPool(dataSource).getConnection((error, connection) =>
      error ? reject(error) : resolve(wrap(dataSource, connection)),
    );
  });
}

function wrap(dataSource: DataSource, connection: MysqlConnection & { release(): void }): TxConnection {
  return {
    begin: () => mysqlSimple(connection, 'START TRANSACTION'),
    execute: (sql, params) => mysqlExecute(connection, sql, params),
    manager: () => managerOn(dataSource, connection),
    commit: () => mysqlSimple(connection, 'COMMIT'),
    rollBack: () => mysqlSimple(connection, 'ROLLBACK'),
    release: (broken) => (broken ? connection.destroy() : connection.release()),
  };
}

/** From the driver, whose runner repeats nothing: inside a transaction an error means the whole of it. TypeORM has no public door for a connection. */
function managerOn(dataSource: DataSource, databaseConnection: object): EntityManager {
  const runner = dataSource.driver.createQueryRunner('master');
  return dataSource.createEntityManager(Object.assign(runner, { databaseConnection, isTransactionActive: true }));
}

/** The one writer. IMMEDIATE meets another process's lock here and not in the middle. */
export class SqliteTxConnection implements TxConnection {
  constructor(
    private readonly dataSource: DataSource,
    private readonly writer: SqliteConnection,
  ) {}

  async begin(): Promise<void> {
    this.writer.execute('BEGIN IMMEDIATE', []);
  }

  async execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    return this.writer.execute<Row>(sql, params);
  }

  manager(): EntityManager {
    return this.dataSource.manager;
  }

  async commit(): Promise<void> {
    this.writer.execute('COMMIT', []);
  }

  async rollBack(): Promise<void> {
    if (this.writer.inTransaction) this.writer.execute('ROLLBACK', []);
  }

  release(): void {}
}
