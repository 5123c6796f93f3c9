import type { Pool } from 'mysql2';
import type { Database } from '../../../src/database/database.js';
import { account } from '../../../src/modules/ledger/chart-of-accounts.js';
import { execute, openPool, transaction, type Values, type Written } from '../floors/mysql.js';
import { openSqlite } from '../floors/raw-sqlite.js';
import { random } from '../world.js';

export const USERS = 1000;
export const SHOPS = 200;

export type Post = (serial: string) => Promise<unknown>;

/** What LedgerService.post says to the database, with hashes that cost nothing. */
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

interface Balance {
  readonly id: number;
  readonly balance: number;
}

/** A payment from a random user to a random shop. */
export async function postByHand(database: Database, url: string): Promise<Post> {
  const rows = await database.read<{ id: number; address: string }>('SELECT id, address FROM ledger_accounts');
  const ids = new Map(rows.map(({ id, address }) => [address, Number(id)]));
  const accounts = (): [number, number] => [
    ids.get(account.userBalance(random(USERS)))!,
    ids.get(account.merchantPayable(random(SHOPS)))!,
  ];
  return database.kind === 'mysql' ? onMysql(openPool(url), accounts) : onSqlite(url, accounts);
}

function onMysql(pool: Pool, accounts: () => [number, number]): Post {
  return (serial) => {
    const [user, shop] = accounts();
    return transaction(pool, async (tx) => {
      const { insertId } = await execute<Written>(tx, STATEMENTS.claim, claimOf(serial));
      await execute(tx, STATEMENTS.move, moveOf(user, shop));
      const rows = await execute<Balance[]>(tx, STATEMENTS.look, [user, shop]);
      await execute(tx, STATEMENTS.enter, entriesOf(insertId, user, shop, rows));
    });
  };
}

function onSqlite(url: string, accounts: () => [number, number]): Post {
  const connection = openSqlite(url.slice('sqlite:'.length));
  const [claim, move, look, enter] = Object.values(STATEMENTS).map((sql) => connection.prepare(sql));
  const post = connection.transaction((serial: string) => {
    const [user, shop] = accounts();
    const id = Number(claim.run(...claimOf(serial)).lastInsertRowid);
    move.run(...moveOf(user, shop));
    enter.run(...entriesOf(id, user, shop, look.all(user, shop) as Balance[]));
  });
  return async (serial) => post.immediate(serial);
}

const claimOf = (serial: string): Values => [`hand:${serial}`, HASH, 1, Date.now(), HASH];
const moveOf = (user: number, shop: number): Values => [user, -1, shop, 1, user, 1, MAX, shop, 0, MAX - 1];

function entriesOf(id: number, user: number, shop: number, rows: readonly Balance[]): Values {
  const balance = (accountId: number): number => rows.find((row) => row.id === accountId)?.balance ?? 0;
  return [id, 0, user, -1, balance(user), HASH, id, 1, shop, 1, balance(shop), HASH];
}
