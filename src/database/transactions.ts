import { Injectable } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { Database } from './database.js';
import { isDatabaseAway, isLostTransaction } from './errors.js';
import { mysqlExecute, type MysqlConnection } from './mysql.js';
import { Gate } from './gate.js';
import type { ExecuteResult, SqlValue, SqlWords } from './sql.js';
import { placeholders } from './sql.js';
import { SqliteConnection } from './sqlite.js';

declare const txBrand: unique symbol;

/** A running database transaction: the first parameter of everything that takes part in one. A plain manager does not compile. */
export interface Tx {
  readonly [txBrand]: true;
  /** For cold paths. */
  readonly manager: EntityManager;
  readonly sql: SqlWords;
  /** A prepared statement on the same connection, for hot paths. */
  execute<Row = never>(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** One statement for all rows; answers their generated ids in order. */
  insertMany(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number[]>;
  /** Runs after the commit, never after a roll-back: caches forget what changed. */
  afterCommit(action: () => void): void;
}

const MAX_ATTEMPTS = 6;
const GATE_TIMEOUT = 2000;
/** One MySQL connection stays free for reads while transactions fill the pool. */
const RESERVED_CONNECTIONS = 2;

/**
 * Runs closures as transactions. A closure runs again as a whole after a deadlock or a lock-wait time-out, so it makes no
 * outgoing call and keeps no state outside. On SQLite closures queue for the one writer connection: TypeORM would turn a
 * second concurrent transaction into a savepoint inside the first.
 */
@Injectable()
export class Transactions {
  private readonly gate: Gate;
  private readonly writer: SqliteConnection | null;
  private idStep = 1;

  constructor(
    private readonly database: Database,
    config: Config,
  ) {
    const mysql = database.kind === 'mysql';
    this.gate = new Gate(mysql ? Math.max(1, config.database.poolSize - RESERVED_CONNECTIONS) : 1);
    const { driver } = database.dataSource;
    this.writer = mysql
      ? null
      : new SqliteConnection((driver as unknown as { databaseConnection: never }).databaseConnection);
  }

  async onModuleInit(): Promise<void> {
    if (this.writer) return;
    const row = await this.database.readOne<{ step: number }>('SELECT @@auto_increment_increment AS step');
    this.idStep = Number(row?.step ?? 1);
  }

  /** @throws DomainError `unavailable` when no connection is free in time, or the transaction was lost again and again */
  async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const leave = await this.gate.enter(this.writer ? 30_000 : GATE_TIMEOUT);
      let error: unknown;
      try {
        return await this.attempt(work);
      } catch (caught) {
        error = caught;
      } finally {
        leave();
      }
      if (isDatabaseAway(error))
        throw new DomainError('unavailable', 'database unavailable', { retryAfter: 1, cause: error });
      if (!isLostTransaction(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw new DomainError('unavailable', 'too busy', { retryAfter: 1, cause: error });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8 * 2 ** attempt));
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.database.dataSource.createQueryRunner();
    const connection = (await runner.connect()) as MysqlConnection;
    try {
      await runner.startTransaction();
      // A write comes first, so that another process's lock is met here and not in the middle.
      this.writer?.execute('DELETE FROM migrations WHERE 0', []);
      const tx = new RunningTransaction(runner, connection, this.writer, this.database.sql, this.idStep);
      const result = await work(tx as unknown as Tx);
      await runner.commitTransaction();
      for (const action of tx.actions) action();
      return result;
    } catch (error) {
      await rollBack(runner, connection, error);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

async function rollBack(runner: QueryRunner, connection: MysqlConnection, error: unknown): Promise<void> {
  const timedOut = (error as { code?: string }).code === 'PROTOCOL_SEQUENCE_TIMEOUT';
  if (timedOut || isDatabaseAway(error)) {
    connection.destroy?.();
    return;
  }
  if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => connection.destroy?.());
}

class RunningTransaction {
  readonly actions: (() => void)[] = [];

  constructor(
    private readonly runner: QueryRunner,
    private readonly connection: MysqlConnection,
    private readonly writer: SqliteConnection | null,
    readonly sql: SqlWords,
    private readonly idStep: number,
  ) {}

  get manager(): EntityManager {
    return this.runner.manager;
  }

  async execute<Row>(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult<Row>> {
    if (this.writer) return this.writer.execute<Row>(sql, params);
    return mysqlExecute<Row>(this.connection, sql, params);
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
    const first = this.writer ? insertId - rows.length + 1 : insertId;
    return rows.map((_, index) => first + index * this.idStep);
  }

  afterCommit(action: () => void): void {
    this.actions.push(action);
  }
}
