import { randomBytes } from 'node:crypto';
import { execute, openPool, transaction, type Written } from './mysql.js';
import {
  type GoldChange,
  type PricedProduct,
  type RawFloor,
  requireOne,
  requireOnSale,
  requireSigned,
  SQL,
} from './raw.js';

export function rawMysql(url: string): RawFloor {
  const pool = openPool(url);

  async function addToCart(user: number, product: number): Promise<object> {
    requireOnSale((await execute<{ stock: number; status: number }[]>(pool, SQL.onSale, [product]))[0]);
    const upsert =
      'INSERT INTO cart_item (user_id, product_id, qty) VALUES (?, ?, 1) ON DUPLICATE KEY UPDATE qty = qty + 1';
    await execute(pool, upsert, [user, product]);
    return { code: 0 };
  }

  /** Ten round trips. Stock is taken in the order of ids, so that two orders do not wait for each other in a circle. */
  async function order(user: number, ...products: [number, number]): Promise<object> {
    const ids = products.sort((a, b) => a - b);
    const [first, second] = await execute<PricedProduct[]>(pool, SQL.prices, ids);
    const [total, now] = [first.price + second.price, Date.now()];
    return transaction(pool, async (tx) => {
      const change = async (sql: string, values: number[]) => (await execute<Written>(tx, sql, values)).affectedRows;
      for (const id of ids) requireOne(await change(SQL.takeStock, [1, id, 1]), 'stock');
      requireOne(await change(SQL.debit, [total, user, total]), 'funds');
      const placed = [randomBytes(12).toString('hex'), user, total, 1, now];
      const { insertId } = await execute<Written>(tx, SQL.order, placed);
      const items = [first, second].flatMap(({ id, name, price }) => [insertId, id, name, price, 1]);
      await execute(tx, SQL.items, items);
      const booked = await execute<Written>(tx, SQL.ledger, [randomBytes(16).toString('hex'), 1, now]);
      await execute(tx, SQL.postings, [booked.insertId, user, -total, booked.insertId, 0, total]);
      return { id: insertId, total };
    });
  }

  async function changeGold(change: GoldChange): Promise<object> {
    requireSigned(change);
    const { user, id, gold } = change;
    return transaction(pool, async (tx) => {
      const claim = SQL.ledger.replace('INSERT', 'INSERT IGNORE');
      const { affectedRows, insertId } = await execute<Written>(tx, claim, [id, 2, Date.now()]);
      if (affectedRows === 1) {
        const { affectedRows: changed } = await execute<Written>(tx, SQL.changeBalance, [gold, user, gold]);
        requireOne(changed, 'funds');
        await execute(tx, SQL.postings, [insertId, user, gold, insertId, 0, -gold]);
      }
      const [account] = await execute<{ balance: number }[]>(tx, SQL.balance, [user]);
      return { code: 0, gold: account.balance };
    });
  }

  return {
    product: async (id) => (await execute<object[]>(pool, SQL.product, [id]))[0],
    tab: (id) => execute(pool, SQL.tab, [id]),
    addToCart,
    order,
    changeGold,
  };
}
