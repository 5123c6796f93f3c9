import { randomBytes } from 'node:crypto';
import BetterSqlite3 from 'better-sqlite3';
import {
  type GoldChange,
  type PricedProduct,
  type RawFloor,
  requireOne,
  requireOnSale,
  requireSigned,
  SQL,
} from './raw.js';

/** As livemall sets its own connections up. */
export function openSqlite(file: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, { timeout: 1000 });
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = NORMAL');
  connection.pragma('wal_autocheckpoint = 4000');
  connection.pragma('cache_size = -65536');
  return connection;
}

export function rawSqlite(file: string): RawFloor {
  const db = openSqlite(file);
  const prepared = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)]));
  const { product, tab, onSale, prices, takeStock, debit, order, items, ledger, postings } = prepared;
  const upsert = db.prepare(
    'INSERT INTO cart_item (user_id, product_id, qty) VALUES (?, ?, 1) ON CONFLICT (user_id, product_id) DO UPDATE SET qty = qty + 1',
  );
  const claim = db.prepare(SQL.ledger.replace('INSERT', 'INSERT OR IGNORE'));

  const place = db.transaction((user: number, ...ids: [number, number]) => {
    const [first, second] = prices.all(...ids) as PricedProduct[];
    const [total, now] = [first.price + second.price, Date.now()];
    for (const id of ids) requireOne(takeStock.run(1, id, 1).changes, 'stock');
    requireOne(debit.run(total, user, total).changes, 'funds');
    const id = Number(order.run(randomBytes(12).toString('hex'), user, total, 1, now).lastInsertRowid);
    items.run(...[first, second].flatMap((bought) => [id, bought.id, bought.name, bought.price, 1]));
    const booked = ledger.run(randomBytes(16).toString('hex'), 1, now).lastInsertRowid;
    postings.run(booked, user, -total, booked, 0, total);
    return { id, total };
  });
  const change = db.transaction(({ user, id, gold }: GoldChange) => {
    const { changes, lastInsertRowid: booked } = claim.run(id, 2, Date.now());
    if (changes === 1) {
      requireOne(prepared['changeBalance'].run(gold, user, gold).changes, 'funds');
      postings.run(booked, user, gold, booked, 0, -gold);
    }
    const { balance } = prepared['balance'].get(user) as { balance: number };
    return { code: 0, gold: balance };
  });

  return {
    product: (id) => product.get(id),
    tab: (id) => tab.all(id),
    addToCart: (user, id) => {
      requireOnSale(onSale.get(id) as { stock: number; status: number } | undefined);
      upsert.run(user, id);
      return { code: 0 };
    },
    order: (user, first, second) => place.immediate(user, first, second),
    changeGold: (given) => {
      requireSigned(given);
      return change.immediate(given);
    },
  };
}
