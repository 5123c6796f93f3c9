import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import type BetterSqlite3 from 'better-sqlite3';
import { padded, placeholders } from '../../../src/database/sql.js';
import { tableOf } from '../../../src/database/table.js';
import { CartLine } from '../../../src/modules/cart/cart-line.entity.js';
import { OrderItem } from '../../../src/modules/orders/order-item.entity.js';
import { Order } from '../../../src/modules/orders/order.entity.js';
import { ProductSnapshot } from '../../../src/modules/products/product-snapshot.entity.js';
import { Product } from '../../../src/modules/products/product.entity.js';
import { foldTitle, gramsOfKey } from '../../../src/modules/products/title-grams.js';
import { CREDENTIALS, openidOf } from '../world.js';
import { execute, openPool, transaction, type Values, type Written } from './mysql.js';
import { openSqlite } from './raw-sqlite.js';

/** Livemall's own statements on its own tables, whole rows as its lists read them. */
export interface SameFloor {
  search(key: string, length: number): Promise<unknown>;
  cart(user: number): Promise<unknown>;
  orders(owner: 'buyer' | 'merchant', id: number, from: number): Promise<unknown>;
  /** After the code exchange: who it is, a session and a refresh token. */
  login(user: number): Promise<unknown>;
}

interface Runner {
  read<T>(sql: string, values: Values): Promise<T[]>;
  /** All of it or nothing. */
  write(statements: readonly (readonly [sql: string, values: Values])[]): Promise<void>;
}

const PAGE = 10;
const MONTH = 30 * 86_400_000;
const PRODUCTS = tableOf(Product);
const PRODUCT = PRODUCTS.select(PRODUCTS.without('foldedTitle'), 'p');
const ORDER = tableOf(Order).select();
const ITEM = tableOf(OrderItem).select();
const SNAPSHOT = tableOf(ProductSnapshot).select();
const LINE = tableOf(CartLine).select();
const OWNERS = { buyer: 'buyer_id = ? AND hidden_from_buyer = 0', merchant: 'merchant_id = ?' } as const;

export function sameFloor(url: string): SameFloor {
  const runner = url.startsWith('sqlite:') ? onSqlite(url.slice('sqlite:'.length)) : onMysql(url);
  const byIds = <T>(select: string, ids: readonly number[]): Promise<T[]> => {
    const asked = padded(ids);
    return runner.read(`${select} IN (${placeholders(asked.length)})`, [...asked]);
  };
  const products = (ids: readonly number[]) => byIds(`SELECT ${PRODUCT} FROM products p WHERE p.id`, ids);
  return {
    search: (key, length) => runner.read(...searchOf(foldTitle(key), length)),
    cart: async (user) => {
      const sql = `SELECT ${LINE} FROM cart_lines WHERE user_id = ? ORDER BY id LIMIT ? OFFSET ?`;
      const lines = await runner.read<CartLine>(sql, [user, PAGE, 0]);
      return { lines, products: await products(lines.map(({ productId }) => productId)) };
    },
    orders: async (owner, id, from) => {
      const page = `SELECT id AS page_id FROM orders WHERE ${OWNERS[owner]} ORDER BY id DESC LIMIT ? OFFSET ?`;
      const sql = `SELECT ${ORDER} FROM orders JOIN (${page}) page ON page_id = id ORDER BY id DESC`;
      const orders = await runner.read<Order>(sql, [id, PAGE, from]);
      const buyers = [...new Set(orders.map(({ buyerId }) => buyerId))];
      const [items] = await Promise.all([
        byIds<OrderItem>(
          `SELECT ${ITEM} FROM order_items WHERE order_id`,
          orders.map((order) => order.id),
        ),
        byIds('SELECT id, phone FROM users WHERE id', buyers),
      ]);
      const bought = [...new Set(items.map(({ productId }) => productId))];
      const snapshots = byIds(`SELECT ${SNAPSHOT} FROM product_snapshots WHERE id`, bought);
      return { orders, items, products: await products(bought), snapshots: await snapshots };
    },
    login: (user) => logIn(runner, user),
  };
}

function searchOf(folded: string, length: number): [string, Values] {
  const { grams, exact } = gramsOfKey(folded);
  const more = grams
    .slice(1)
    .map((_, n) => ` JOIN product_grams g${n} ON g${n}.product_id = g.product_id AND g${n}.gram = ?`);
  const literal = exact ? '' : " AND s.folded_title LIKE ? ESCAPE '!'";
  const ids =
    `SELECT g.product_id AS id FROM product_grams g${more.join('')} CROSS JOIN products s ON s.id = g.product_id ` +
    `WHERE g.gram = ? AND s.listed = 1${literal} ORDER BY id DESC LIMIT ? OFFSET ?`;
  return [
    `SELECT ${PRODUCT} FROM (${ids}) k JOIN products p ON p.id = k.id ORDER BY p.id DESC`,
    [...grams.slice(1), grams[0], ...(exact ? [] : [`%${folded}%`]), length, 0],
  ];
}

async function logIn(runner: Runner, user: number): Promise<object> {
  const find =
    'SELECT u.id, u.uid, u.permission, u.token_version FROM wechat_identities i JOIN users u ON u.id = i.user_id ' +
    'WHERE i.app_id = ? AND i.openid = ?';
  const [found] = await runner.read<{ id: number }>(find, [CREDENTIALS.WECHAT_APP_ID, openidOf(user)]);
  const [session, token, now] = [randomBytes(16).toString('hex'), randomBytes(32).toString('hex'), Date.now()];
  const until = now + MONTH;
  const open =
    'INSERT INTO login_sessions (id, user_id, token_version, created_at, expires_at) ' +
    'SELECT ?, id, token_version, ?, ? FROM users WHERE id = ?';
  const keep =
    'INSERT INTO refresh_tokens (hash, session_id, expires_at, used_at, successor) VALUES (?, ?, ?, NULL, NULL)';
  await runner.write([
    [open, [session, now, until, found.id]],
    [keep, [token, session, until]],
  ]);
  return { token };
}

function onMysql(url: string): Runner {
  const pool = openPool(url);
  return {
    read: (sql, values) => execute(pool, sql, values),
    write: (statements) =>
      transaction(pool, async (tx) => {
        for (const [sql, values] of statements) await execute<Written>(tx, sql, values);
      }),
  };
}

function onSqlite(file: string): Runner {
  const db = openSqlite(file);
  const kept = new Map<string, BetterSqlite3.Statement<Values>>();
  const prepared = (sql: string): BetterSqlite3.Statement<Values> => {
    let statement = kept.get(sql);
    if (!statement) kept.set(sql, (statement = db.prepare<Values>(sql)));
    return statement;
  };
  const all = db.transaction((statements: Parameters<Runner['write']>[0]) => {
    for (const [sql, values] of statements) prepared(sql).run(...values);
  });
  return {
    read: async <T>(sql: string, values: Values) => prepared(sql).all(...values) as T[],
    write: async (statements) => all.immediate(statements),
  };
}
