import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import mysql, { type Pool, type PoolConnection } from 'mysql2';
import { model } from '../../ormconfig.js';
import { SystemClock } from '../../src/common/clock.js';
import { loadConfig } from '../../src/config/config.js';
import { fen } from '../../src/common/money.js';
import { Database } from '../../src/database/database.js';
import { Transactions } from '../../src/database/transactions.js';
import { account } from '../../src/modules/ledger/chart-of-accounts.js';
import { LedgerAccounts } from '../../src/modules/ledger/ledger-accounts.js';
import { LedgerService } from '../../src/modules/ledger/ledger.service.js';
import { compare, type Operation } from './rounds.js';

/*
 * Posts per second, a payment from a user's balance to a merchant, beside the same statements written by hand on the bare
 * driver: no hashes, no checks, no framework. DATABASE_URL names a MySQL or MariaDB server; without it SQLite is measured.
 */
const USERS = 1000;
const SHOPS = 200;

const STATEMENTS = {
  claim:
    'INSERT INTO ledger_transactions (post_key, input_hash, kind, reason, name, order_id, item_id, reverses, created_at, hash) ' +
    "VALUES (?, ?, 'bench', '', '', ?, NULL, NULL, ?, ?)",
  move:
    'UPDATE ledger_accounts SET balance = balance + CASE id WHEN ? THEN ? WHEN ? THEN ? ELSE 0 END ' +
    'WHERE (id = ? AND balance BETWEEN ? AND ?) OR (id = ? AND balance BETWEEN ? AND ?)',
  look: 'SELECT id, address, asset, balance FROM ledger_accounts WHERE id IN (?, ?)',
  enter:
    'INSERT INTO ledger_entries (transaction_id, position, account_id, amount, balance_after, hash) ' +
    'VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)',
};
const HASH = 'f'.repeat(64);
const MAX = Number.MAX_SAFE_INTEGER;

interface BalanceRow {
  readonly id: number;
  readonly balance: number;
}

const pick = (count: number, offset: number): number => offset + Math.floor(Math.random() * count);

function byHand(pool: Pool, ids: ReadonlyMap<string, number>): Operation {
  const execute = <T>(connection: PoolConnection, sql: string, values: (string | number)[]): Promise<T> =>
    new Promise((resolve, reject) => {
      connection.execute(sql, values, (error, result) => (error ? reject(error) : resolve(result as T)));
    });
  const query = (connection: PoolConnection, sql: string): Promise<void> =>
    new Promise((resolve, reject) => {
      connection.query(sql, (error) => (error ? reject(error) : resolve()));
    });
  return async (serial) => {
    const connection = await new Promise<PoolConnection>((resolve, reject) => {
      pool.getConnection((error, granted) => (error ? reject(error) : resolve(granted)));
    });
    const [user, shop] = [
      ids.get(account.userBalance(pick(USERS, 1)))!,
      ids.get(account.merchantPayable(pick(SHOPS, 1)))!,
    ];
    try {
      await query(connection, 'START TRANSACTION');
      const claim = [`hand:${serial}`, HASH, serial, Date.now(), HASH];
      const { insertId } = await execute<{ insertId: number }>(connection, STATEMENTS.claim, claim);
      await execute(connection, STATEMENTS.move, [user, -1, shop, 1, user, 1, MAX, shop, 0, MAX - 1]);
      const rows = await execute<BalanceRow[]>(connection, STATEMENTS.look, [user, shop]);
      await execute(connection, STATEMENTS.enter, entriesOf(insertId, user, shop, rows));
      await query(connection, 'COMMIT');
    } finally {
      connection.release();
    }
  };
}

function byHandOnSqlite(location: string, ids: ReadonlyMap<string, number>): Operation {
  const connection = new BetterSqlite3(location, { timeout: 1000 });
  connection.pragma('synchronous = NORMAL');
  const claim = connection.prepare(STATEMENTS.claim);
  const move = connection.prepare(STATEMENTS.move);
  const look = connection.prepare(STATEMENTS.look);
  const enter = connection.prepare(STATEMENTS.enter);
  const post = connection.transaction((serial: number) => {
    const [user, shop] = [
      ids.get(account.userBalance(pick(USERS, 1)))!,
      ids.get(account.merchantPayable(pick(SHOPS, 1)))!,
    ];
    const id = Number(claim.run(`hand:${serial}`, HASH, serial, Date.now(), HASH).lastInsertRowid);
    move.run(user, -1, shop, 1, user, 1, MAX, shop, 0, MAX - 1);
    enter.run(...entriesOf(id, user, shop, look.all(user, shop) as BalanceRow[]));
  });
  return async (serial) => post.immediate(serial);
}

function entriesOf(id: number, user: number, shop: number, rows: readonly BalanceRow[]): (string | number)[] {
  const balance = (accountId: number): number => rows.find((row) => row.id === accountId)?.balance ?? 0;
  return [id, 0, user, -1, balance(user), HASH, id, 1, shop, 1, balance(shop), HASH];
}

async function measure(url: string): Promise<void> {
  const config = loadConfig({
    DATABASE_URL: url,
    // Half of them for transactions: as many as the floor has.
    DATABASE_POOL_SIZE: '64',
    JWT_SECRET: randomBytes(32).toString('hex'),
  });
  const database = await Database.open(config, model);
  const transactions = new Transactions(database, config);
  await transactions.onModuleInit();
  const clock = new SystemClock();
  const ledger = new LedgerService(database, new LedgerAccounts(clock), clock);
  const pay = (key: string, source = account.userBalance(pick(USERS, 1)), shop = pick(SHOPS, 1), amount = 1) => {
    const postings = [
      { source, destination: account.merchantPayable(shop), amount: fen(amount), asset: 'CNY' as const },
    ];
    return transactions.run((tx) => ledger.post(tx, { key, kind: 'bench', orderId: 1, postings }));
  };
  for (let user = 1; user <= USERS; user += 1) {
    const source = account.platform('promotion');
    const postings = [
      { source, destination: account.userBalance(user), amount: fen(1_000_000), asset: 'CNY' as const },
    ];
    await transactions.run((tx) => ledger.post(tx, { key: `start:${user}`, kind: 'grant', postings }));
  }
  for (let shop = 1; shop <= SHOPS; shop += 1) await pay(`open:${shop}`, account.userBalance(shop), shop);
  const rows = await database.read<{ id: number; address: string }>('SELECT id, address FROM ledger_accounts');
  const ids = new Map(rows.map(({ id, address }) => [address, Number(id)]));
  const pool = database.kind === 'mysql' ? mysql.createPool({ uri: url, connectionLimit: 32 }) : null;
  pool?.on('connection', (connection) => connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'));
  const hand = pool ? byHand(pool, ids) : byHandOnSqlite(config.database.location, ids);
  const result = await compare({ 'by hand': hand, 'LedgerService.post': (serial) => pay(`ledger:${serial}`) });
  const ratio = result['LedgerService.post'] / result['by hand'];
  console.log(`median ${result['LedgerService.post'].toFixed(0)} posts per second, ${ratio.toFixed(2)} of the floor`);
  pool?.end();
  await database.onApplicationShutdown();
}

async function administer(url: string, statement: string): Promise<void> {
  const connection = mysql.createConnection(url);
  await connection.promise().query(statement);
  connection.end();
}

const given = process.env['DATABASE_URL'];
if (given?.startsWith('mysql:') || given?.startsWith('mariadb:')) {
  const server = new URL(given.replace(/^mariadb:/, 'mysql:'));
  const name = `livemall_bench_${randomBytes(4).toString('hex')}`;
  server.pathname = '/';
  await administer(server.href, `CREATE DATABASE ${name}`);
  try {
    await measure(new URL(`/${name}`, server).href);
  } finally {
    await administer(server.href, `DROP DATABASE ${name}`);
  }
} else {
  const folder = mkdtempSync(join(tmpdir(), 'livemall-bench-'));
  try {
    await measure(`sqlite:${join(folder, 'bench.sqlite')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
