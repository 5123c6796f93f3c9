import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { Database } from './database.js';
import { isDatabaseAway, isLostTransaction } from './errors.js';
import { Gate } from './gate.js';
import { mysqlPool } from './mysql.js';
import { placeholders, type ExecuteResult, type SqlValue, type SqlWords } from './sql.js';
import { SqliteConnection } from './sqlite.js';
import { mysqlTxConnection, SqliteTxConnection, type TxConnection } from './tx-connection.js';

declare const txBrand: unique symbol;

/** A running database transaction: the first parameter of everything that takes part in one. A plain manager does not compile. */
export interface Tx {
  readonly [txBrand]: true;
  readonly sql: SqlWords;
  /** A prepared statement on the transaction's connection. */
  execute<Row = never>(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** One statement for all rows; answers their generated ids in order. */
  insertMany(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number[]>;
  /** Runs after the commit, never after a roll-back: caches forget what changed. */
  afterCommit(action: () => void): void;
}

const MAX_ATTEMPTS = 6;
/** SQLite's queue is the only way to write (milliseconds). */
const WRITER_TIMEOUT = 30_000;
/** One MySQL connection stays free for reads while transactions fill the pool. */
const RESERVED_CONNECTIONS = 2;

/**
 * Runs closures as transactions. A closure runs again as a whole after a deadlock or a lock-wait time-out, so it makes no
 * outgoing call and keeps no state outside. On SQLite closures queue for the one writer connection.
 */
@Injectable()
export class Transactions {
  private readonly gate: Gate;
  private readonly connect: () => Promise<TxConnection>;
  private readonly gateTimeout: number;
  private idStep = 1;

  constructor(
    private readonly database: Database,
    config: Config,
  ) {
    const { dataSource, kind } = database;
    if (kind === 'mysql') {
      const pool = mysqlPool(dataSource);
      this.connect = () => mysqlTxConnection(pool);
      this.gate = new Gate(Math.max(1, config.database.poolSize - RESERVED_CONNECTIONS));
      this.gateTimeout = config.database.queueSeconds * 1000;
      return;
    }
    const { databaseConnection } = dataSource.driver as unknown as { databaseConnection: never };
    const writer = new SqliteTxConnection(new SqliteConnection(databaseConnection));
    this.connect = () => Promise.resolve(writer);
    this.gate = new Gate(1);
    this.gateTimeout = WRITER_TIMEOUT;
  }

  async onModuleInit(): Promise<void> {
    if (this.database.kind === 'sqlite') return;
    const row = await this.database.readOne<{ step: number }>('SELECT @@auto_increment_increment AS step');
    this.idStep = Number(row?.step ?? 1);
  }

  /** @throws DomainError `unavailable` when no connection is free in time, or the transaction was lost again and again */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.persist(() => this.attempt(work));
  }

  /** One statement that is a transaction of its own: one round trip instead of three. Raises as {@link run} does. */
  write<Row = never>(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult<Row>> {
    return this.persist(() => this.attemptAlone<Row>(sql, params));
  }

  private async persist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count += 1) {
      const leave = await this.gate.enter(this.gateTimeout);
      let error: unknown;
      try {
        return await attempt();
      } catch (caught) {
        error = caught;
      } finally {
        leave();
      }
      const lost = error instanceof NotBegun || isLostTransaction(error);
      if (!lost && isDatabaseAway(error))
        throw new DomainError('unavailable', 'database unavailable', { retryAfter: 1, cause: error });
      if (!lost) throw error;
      if (count === MAX_ATTEMPTS) throw new DomainError('unavailable', 'too busy', { retryAfter: 1, cause: error });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8 * 2 ** count));
    }
  }

  private async begin(): Promise<TxConnection> {
    let connection: TxConnection | undefined;
    try {
      connection = await this.connect();
      await connection.begin();
      return connection;
    } catch (error) {
      connection?.release(true);
      throw new NotBegun('no transaction could begin', { cause: error });
    }
  }

  private async attemptAlone<Row>(sql: string, params: readonly SqlValue[]): Promise<ExecuteResult<Row>> {
    const connection = await this.connect();
    let broken = false;
    try {
      return await connection.execute<Row>(sql, params);
    } catch (error) {
      broken = isUnusable(error);
      throw error;
    } finally {
      connection.release(broken);
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const connection = await this.begin();
    let broken = false;
    try {
      const tx = new RunningTransaction(connection, this.database.sql, this.idStep);
      const result = await work(tx as unknown as Tx);
      await connection.commit();
      for (const action of tx.actions) action();
      return result;
    } catch (error) {
      broken = isUnusable(error) || !(await rolledBack(connection));
      throw error;
    } finally {
      connection.release(broken);
    }
  }
}

/** The server hung up on an idle connection, or is just coming back: nothing has happened yet. */
class NotBegun extends Error {}

/** A statement that timed out may still be running on the server. */
function isUnusable(error: unknown): boolean {
  return isDatabaseAway(error) || (error as { code?: unknown }).code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}

function rolledBack(connection: TxConnection): Promise<boolean> {
  return connection.rollBack().then(
    () => true,
    () => false,
  );
}

class RunningTransaction {
  readonly actions: (() => void)[] = [];

  constructor(
    private readonly connection: TxConnection,
    readonly sql: SqlWords,
    private readonly idStep: number,
  ) {}

  execute<Row>(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult<Row>> {
    return this.connection.execute<Row>(sql, params);
  }

  async insertMany(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
  ): Promise<number[]> {
    if (rows.length === 0) return [];
    const tuple = `(${placeholders(columns.length)})`;
    const values = rows.map(() => tuple).join(', ');
    const { insertId } = await this.execute(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}`,
      rows.flat(),
    );
    // MySQL names the first id of a statement, SQLite the last; both count up without a gap inside one.
    const first = this.sql.kind === 'sqlite' ? insertId - rows.length + 1 : insertId;
    return rows.map((_, index) => first + index * this.idStep);
  }

  afterCommit(action: () => void): void {
    this.actions.push(action);
  }
}
