import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager, FindOneOptions } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { Database } from './database.js';
import {
  isDatabaseAway,
  isDuplicateKey,
  isLostTransaction,
  isUnusable,
  isUnwritable,
  withUnavailable,
} from './errors.js';
import { Semaphore } from '../common/semaphore.js';
import type { ExecuteResult, SqlDialect, SqlValue } from './sql.js';
import { sqliteConnection } from './sqlite.js';
import { isPreparedInsert, type Table } from './table.js';
import { mysqlAlone, mysqlPool, poolSizes } from './mysql.js';
import { mysqlTxConnection, SqliteTxConnection, type TxConnection } from './tx-connection.js';

type RowLock = Exclude<FindOneOptions<object>['lock'], undefined> | undefined;

declare const txBrand: unique symbol;

/** A running database transaction: the first parameter of everything that takes part in one. A plain manager does not compile. */
export interface Tx {
  readonly [txBrand]: true;
  readonly sql: SqlDialect;
  /** TypeORM on the transaction's connection, for what is not hot: `insert`, `update`, `delete`, `upsert`, `find…`; never `save`, which reads first and writes foreign ids. */
  readonly manager: EntityManager;
  /** `lock` of a find that shall hold its rows until the commit; SQLite has one writer, and TypeORM refuses locks there. */
  readonly rowLock: RowLock;
  /** A prepared statement on the transaction's connection. */
  execute<Row = never>(sql: string, params?: readonly SqlValue[]): Promise<ExecuteResult<Row>>;
  /** One statement for all rows; returns their generated ids in order. All rows have the fields of the first. */
  insert<E extends object>(table: Table<E>, rows: readonly Readonly<Partial<E>>[]): Promise<number[]>;
  /**
   * Inserts what is not there yet; rows whose unique key is taken stay as they are. No INSERT IGNORE, under which MySQL forgives
   * every error and cuts texts; no multi-row ON DUPLICATE KEY UPDATE, whose generated ids MariaDB may give twice: a new row then
   * "meets" a stranger's id and is silently not inserted.
   */
  insertMissing<E extends object>(table: Table<E>, rows: readonly Readonly<Partial<E>>[]): Promise<void>;
  /** Runs after the commit, never after a roll-back: caches forget what changed. */
  afterCommit(action: () => void): void;
}

const MAX_ATTEMPTS = 6;
/** The last attempt begins within so long (milliseconds). */
const LAST_ATTEMPT = 10_000;
/** SQLite's queue is the only way to write (milliseconds). */
const WRITER_TIMEOUT = 30_000;
/** So long SQLite's writers hand over to each other before the event loop has its turn (milliseconds). */
const WRITERS_TURN = 4;
/** So many MySQL connections stay free for reads while single writes wait for locks. */
const KEPT_FOR_READS = 2;

/**
 * HOT PATH: every write passes here (docs/performance.md, "Where the speed lives").
 *
 * Runs closures as transactions. A closure runs again as a whole after a deadlock or a lock-wait time-out, so it makes no
 * outgoing call and keeps no state outside. On SQLite closures queue for the one writer connection.
 */
@Injectable()
export class Transactions implements OnModuleInit {
  private readonly places: Semaphore;
  /** Of single statements. */
  private readonly singlePlaces: Semaphore;
  private readonly connect: () => Promise<TxConnection>;
  private readonly executeAlone: <Row>(sql: string, params: readonly SqlValue[]) => Promise<ExecuteResult<Row>>;
  /** How long a call waits for its turn (milliseconds). */
  readonly placeTimeout: number;
  private idStep = 1;
  /** Of writing on SQLite, in this turn of the event loop. */
  private turnBegan = Number.NEGATIVE_INFINITY;
  private refusedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    config: Config,
  ) {
    const { writer, kind } = database;
    if (kind === 'mysql') {
      const sizes = poolSizes(config.database);
      this.connect = () => mysqlTxConnection(writer);
      this.executeAlone = (sql, params) => mysqlAlone(mysqlPool(database.dataSource), sql, params);
      this.places = new Semaphore(sizes.transactions);
      this.singlePlaces = new Semaphore(Math.max(1, sizes.statements - KEPT_FOR_READS));
      this.placeTimeout = config.database.queueSeconds * 1000;
      return;
    }
    const connection = new SqliteTxConnection(writer, sqliteConnection(writer));
    this.connect = () => Promise.resolve(connection);
    this.executeAlone = (sql, params) => connection.execute(sql, params);
    this.places = this.singlePlaces = new Semaphore(1);
    this.placeTimeout = WRITER_TIMEOUT;
  }

  async onModuleInit(): Promise<void> {
    if (this.database.kind === 'sqlite') return;
    const row = await this.database.readOne<{ step: number }>('SELECT @@auto_increment_increment AS step');
    this.idStep = Number(row?.step ?? 1);
  }

  /** How long ago the database last took no write, because it was full or read-only (milliseconds). */
  get sinceRefused(): number {
    return performance.now() - this.refusedAt;
  }

  /** @throws DomainError `unavailable` when no connection is free in time, the transaction was lost again and again, or nobody knows what became of it */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.persist(this.places, () => this.attempt(work));
  }

  /** One statement that is a transaction of its own: one round trip instead of two. Raises as {@link run} does. */
  write<Row = never>(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult<Row>> {
    return this.persist(this.singlePlaces, () => this.executeAlone<Row>(sql, params));
  }

  private async persist<T>(places: Semaphore, attempt: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    for (let count = 1; ; count += 1) {
      const release = await this.placeIn(places);
      let error: unknown;
      try {
        return await attempt();
      } catch (caught) {
        error = caught;
      } finally {
        this.leave(release);
      }
      if (isUnwritable(error)) this.refusedAt = performance.now();
      if (!(error instanceof NothingDecided || isLostTransaction(error))) throw withUnavailable(error);
      if (count === MAX_ATTEMPTS || performance.now() - asked > LAST_ATTEMPT) throw tooBusy(error);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8 * 2 ** count));
    }
  }

  /** A bounded pool without a queue of our own would wait for ever: mysql2 has no acquire time-out. */
  private async placeIn(places: Semaphore): Promise<() => void> {
    try {
      return await places.acquire(this.placeTimeout);
    } catch (cause) {
      throw tooBusy(cause);
    }
  }

  /** On SQLite all that wait for their turn would have it in one turn of the event loop, which accepts one connection a turn. */
  private leave(release: () => void): void {
    if (this.database.kind === 'mysql' || performance.now() - this.turnBegan < WRITERS_TURN) return release();
    setImmediate(() => {
      this.turnBegan = performance.now();
      release();
    });
  }

  private async begin(): Promise<TxConnection> {
    let connection: TxConnection | undefined;
    try {
      connection = await this.connect();
      await connection.begin();
      return connection;
    } catch (error) {
      connection?.release(true);
      if (isUnwritable(error)) throw error;
      throw new NothingDecided('no transaction could begin', { cause: error });
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const connection = await this.begin();
    let [broken, committing] = [false, false];
    try {
      const tx = new RunningTransaction(connection, this.database.sql, this.idStep);
      const result = await work(tx as unknown as Tx);
      committing = true;
      await connection.commit();
      for (const action of tx.actions) action();
      return result;
    } catch (error) {
      broken = isUnusable(error) || !(await rolledBack(connection));
      if (committing || !isDatabaseAway(error)) throw error;
      throw new NothingDecided('the connection was lost before the COMMIT', { cause: error });
    } finally {
      connection.release(broken);
    }
  }
}

/** The server hung up on an idle connection, or is just coming back: without a COMMIT nothing stays, so the whole may run again. */
class NothingDecided extends Error {}

export function tooBusy(error?: unknown): DomainError {
  const cause = error instanceof NothingDecided ? error.cause : error;
  return new DomainError('unavailable', 'too busy', { retryAfter: 1, cause });
}

function rolledBack(connection: TxConnection): Promise<boolean> {
  return connection.rollBack().then(
    () => true,
    () => false,
  );
}

class RunningTransaction {
  readonly actions: (() => void)[] = [];
  private typeorm: EntityManager | undefined;

  constructor(
    private readonly connection: TxConnection,
    readonly sql: SqlDialect,
    private readonly idStep: number,
  ) {}

  get manager(): EntityManager {
    return (this.typeorm ??= this.connection.manager());
  }

  get rowLock(): RowLock {
    return this.sql.kind === 'mysql' ? { mode: 'pessimistic_write' } : undefined;
  }

  execute<Row>(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult<Row>> {
    return this.connection.execute<Row>(sql, params);
  }

  async insert<E extends object>(table: Table<E>, rows: readonly Readonly<Partial<E>>[]): Promise<number[]> {
    if (rows.length === 0) return [];
    const { sql, params } = table.insert(rows);
    const result = await (isPreparedInsert(rows.length)
      ? this.execute<never>(sql, params)
      : this.connection.executeOnce<never>(sql, params));
    return this.idsOf(result, rows.length);
  }

  /** All in one statement where none is there: a duplicate undoes the statement, not the transaction. */
  async insertMissing<E extends object>(table: Table<E>, rows: readonly Readonly<Partial<E>>[]): Promise<void> {
    try {
      await this.insert(table, rows);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (rows.length > 1) for (const row of rows) await this.insertMissing(table, [row]);
    }
  }

  afterCommit(action: () => void): void {
    this.actions.push(action);
  }

  /** MySQL names the first id of a statement, SQLite the last; both count up without a gap inside one. */
  private idsOf({ insertId }: ExecuteResult<never>, count: number): number[] {
    const first = this.sql.kind === 'sqlite' ? insertId - count + 1 : insertId;
    return Array.from({ length: count }, (_, index) => first + index * this.idStep);
  }
}
