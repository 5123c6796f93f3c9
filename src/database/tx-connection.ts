import type { DataSource, EntityManager } from 'typeorm';
import {
  discard,
  mysqlExecute,
  mysqlExecuteOnce,
  mysqlPool,
  mysqlSimple,
  takeConnection,
  type PooledConnection,
} from './mysql.js';
import type { ExecuteResult, SqlValue } from './sql.js';
import type { SqliteConnection } from './sqlite.js';

/** HOT PATH: every statement of a transaction passes here (docs/performance.md, "Where the speed lives"). */

/** A connection that prepared statements and TypeORM share for as long as one transaction runs. */
export interface TxConnection {
  begin(): Promise<void>;
  execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** For a text that hardly comes again: nothing of it is kept. */
  executeOnce<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** TypeORM's manager on this very connection; made for those who ask, because it costs a third of a small transaction. */
  manager(): EntityManager;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
  /** `broken` when nothing more may be asked of it: a statement timed out, or the server is gone. */
  release(broken: boolean): void;
}

export async function mysqlTxConnection(dataSource: DataSource): Promise<TxConnection> {
  return new MysqlTxConnection(dataSource, await takeConnection(mysqlPool(dataSource)));
}

/** Its session does not commit by itself: the first statement begins the transaction, and without one there is nothing to end. */
class MysqlTxConnection implements TxConnection {
  private begun = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: PooledConnection,
  ) {}

  async begin(): Promise<void> {}

  execute<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    this.begun = true;
    return mysqlExecute(this.connection, sql, params);
  }

  executeOnce<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    this.begun = true;
    return mysqlExecuteOnce(this.connection, sql, params);
  }

  manager(): EntityManager {
    this.begun = true;
    return managerOn(this.dataSource, this.connection);
  }

  commit(): Promise<void> {
    return this.end('COMMIT');
  }

  rollBack(): Promise<void> {
    return this.end('ROLLBACK');
  }

  release(broken: boolean): void {
    if (broken) discard(this.connection);
    else this.connection.release();
  }

  private async end(statement: string): Promise<void> {
    if (this.begun) await mysqlSimple(this.connection, statement);
  }
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

  async executeOnce<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    return this.writer.executeOnce<Row>(sql, params);
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
