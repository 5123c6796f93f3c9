import { jest } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { mysqlPool, takeConnection } from '../../src/database/mysql.js';
import { SqliteConnection } from '../../src/database/sqlite.js';
import { Transactions, type Tx } from '../../src/database/transactions.js';
import type { SqlValue } from '../../src/database/sql.js';
import type { TestApp } from './app.js';

/**
 * The SELECTs outside transactions that `action` causes, prepared ones and those of repositories: what a list costs. Who calls is
 * not counted: that is remembered for less than a second, and a slow machine asks again.
 */
export async function readsOf(app: TestApp, action: () => PromiseLike<unknown>): Promise<string[]> {
  const database = app.app.get(Database);
  const prepared = jest.spyOn(database, 'read');
  const typeorm = jest.spyOn(database.dataSource.logger, 'logQuery');
  try {
    await action();
    const ofRepositories = typeorm.mock.calls.filter(([, , runner]) => !runner?.isTransactionActive);
    const statements = [...prepared.mock.calls, ...ofRepositories].map(([sql]) => sql);
    return statements.filter((sql) => !sql.includes('FROM login_sessions'));
  } finally {
    prepared.mockRestore();
    typeorm.mockRestore();
  }
}

/** The prepared statements inside transactions that `action` causes, each as its verb and table: `UPDATE products`. */
export async function writesOf(app: TestApp, action: () => PromiseLike<unknown>): Promise<string[]> {
  const transactions = app.app.get(Transactions);
  const run = transactions.run.bind(transactions);
  const statements: string[] = [];
  const watched = (tx: Tx): Tx =>
    new Proxy(tx, {
      get: (target, name, receiver) => {
        if (name === 'execute') {
          return (sql: string, params?: never) => {
            statements.push(summaryOf(sql));
            return target.execute(sql, params);
          };
        }
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
  const spy = jest.spyOn(transactions, 'run').mockImplementation((work) => run((tx) => work(watched(tx))));
  try {
    await action();
    return statements;
  } finally {
    spy.mockRestore();
  }
}

/**
 * Everything that `action` sends to the database, COMMIT and ROLLBACK too: on MySQL what the driver is given, by whichever pool. Left
 * out are who calls, which is remembered for less than a second, what sets up a connection, and SQLite's BEGIN, which is MySQL's
 * first statement.
 */
export async function statementsOf(app: TestApp, action: () => PromiseLike<unknown>): Promise<string[]> {
  const database = app.app.get(Database);
  const sent: string[] = [];
  const spies = database.kind === 'mysql' ? await spyOnMysql(database, sent) : spyOnSqlite(database, sent);
  try {
    await action();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return sent.filter((sql) => !NOT_COUNTED.test(sql));
}

/** The different texts that `action` has the database prepare, so that it keeps them; on SQLite without those of repositories. */
export async function preparedBy(app: TestApp, action: () => PromiseLike<unknown>): Promise<Set<string>> {
  const database = app.app.get(Database);
  const sent: string[] = [];
  const owner =
    database.kind === 'mysql' ? ownerOf(await someConnection(database), 'execute') : SqliteConnection.prototype;
  const spy = record(owner, 'execute', sent);
  try {
    await action();
  } finally {
    spy.mockRestore();
  }
  return new Set(sent);
}

const NOT_COUNTED =
  /FROM (login_sessions|linkv_apps)\b|FROM `linkv_apps`|FROM "linkv_apps"|^SET SESSION|^BEGIN IMMEDIATE/;

interface Spy {
  mockRestore(): void;
}

async function spyOnMysql(database: Database, sent: string[]): Promise<Spy[]> {
  const connection = await someConnection(database);
  return ['execute', 'query'].map((method) => record(ownerOf(connection, method), method, sent));
}

async function someConnection(database: Database): Promise<object> {
  const connection = await takeConnection(mysqlPool(database.dataSource));
  connection.release();
  return connection;
}

function spyOnSqlite(database: Database, sent: string[]): Spy[] {
  const loggers = new Set([database.dataSource, database.writer].map(({ logger }) => logger));
  const ofTypeorm = [...loggers].map((logger) => record(logger, 'logQuery', sent));
  const ofOurs = ['execute', 'executeOnce'].map((method) => record(SqliteConnection.prototype, method, sent));
  return [...ofOurs, ...ofTypeorm];
}

/** Notes the first argument of each call, a statement or what has one. */
function record(owner: object, method: string, sent: string[]): Spy {
  const methods = owner as Record<string, (...given: unknown[]) => unknown>;
  const call = methods[method];
  return jest.spyOn(methods, method).mockImplementation(function (this: unknown, ...given: unknown[]) {
    const [first] = given as [string | { readonly sql: string }];
    sent.push(typeof first === 'string' ? first : first.sql);
    return call.apply(this, given);
  });
}

function ownerOf(object: object, method: string): object {
  let owner: object = object;
  while (!Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object;
  return owner;
}

function summaryOf(sql: string): string {
  const [, table] = /\b(?:FROM|INTO|UPDATE) (\w+)/.exec(sql) ?? [];
  return `${sql.slice(0, sql.indexOf(' '))} ${table}`;
}

/** A statement as it was sent. */
export interface Sent {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** All statements that `action` causes and for which the database makes a plan: prepared ones, repositories' and transactions'. */
export async function sentBy(app: TestApp, action: () => PromiseLike<unknown>): Promise<Sent[]> {
  const [database, transactions] = [app.app.get(Database), app.app.get(Transactions)];
  const run = transactions.run.bind(transactions);
  const sent: Sent[] = [];
  const note = (sql: string, params: readonly SqlValue[] = []): void => {
    if (/^(?:SELECT|UPDATE|DELETE)\b/.test(sql)) sent.push({ sql, params });
  };
  const watched = (tx: Tx): Tx =>
    new Proxy(tx, {
      get: (target, name, receiver) => {
        if (name !== 'execute') return Reflect.get(target, name, receiver) as unknown;
        return (sql: string, params?: readonly SqlValue[]) => {
          note(sql, params);
          return target.execute(sql, params);
        };
      },
    });
  const spies = [
    jest.spyOn(transactions, 'run').mockImplementation((work) => run((tx) => work(watched(tx)))),
    ...[database.dataSource, database.writer].map((source) =>
      jest.spyOn(source.logger, 'logQuery').mockImplementation((sql, params) => note(sql, params as SqlValue[])),
    ),
  ];
  const read = jest.spyOn(database, 'read');
  const write = jest.spyOn(transactions, 'write');
  try {
    await action();
    for (const [sql, params] of [...read.mock.calls, ...write.mock.calls]) note(sql, params);
    return sent;
  } finally {
    for (const spy of [...spies, read, write]) spy.mockRestore();
  }
}
