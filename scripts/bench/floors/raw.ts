import { createHash } from 'node:crypto';

/** What a shop does, in the fewest statements that keep it right; the tables are its own (seed/raw-tables.ts). */
export interface RawFloor {
  product(id: number): unknown;
  /** The 20 newest of a tab. */
  tab(id: number): unknown;
  addToCart(user: number, product: number): unknown;
  /** One piece of each of two products, paid from the account. */
  order(user: number, first: number, second: number): unknown;
  changeGold(change: GoldChange): unknown;
}

/** A partner's callback: signed, and done once for each id. */
export interface GoldChange {
  readonly user: number;
  readonly id: string;
  /** Below zero when it is taken. */
  readonly gold: number;
  readonly sign: string;
}

export interface PricedProduct {
  readonly id: number;
  readonly name: string;
  readonly price: number;
}

const COLUMNS = 'id, tab_id, name, brief, image, price, market_price, stock, sales, status';

/** The statements of both databases; what they share is written once. */
export const SQL = {
  product: `SELECT ${COLUMNS} FROM product WHERE id = ?`,
  tab: `SELECT ${COLUMNS} FROM product WHERE tab_id = ? AND status = 1 ORDER BY id DESC LIMIT 20`,
  onSale: 'SELECT stock, status FROM product WHERE id = ?',
  prices: 'SELECT id, name, price FROM product WHERE id IN (?, ?)',
  takeStock: 'UPDATE product SET stock = stock - ? WHERE id = ? AND stock >= ?',
  debit: 'UPDATE account SET balance = balance - ? WHERE id = ? AND balance >= ?',
  order: 'INSERT INTO orders (sn, user_id, total, status, created_at) VALUES (?, ?, ?, ?, ?)',
  items: 'INSERT INTO order_item (order_id, product_id, name, price, qty) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)',
  ledger: 'INSERT INTO ledger_tx (ref, kind, created_at) VALUES (?, ?, ?)',
  postings: 'INSERT INTO posting (tx_id, account_id, amount) VALUES (?, ?, ?), (?, ?, ?)',
  changeBalance: 'UPDATE account SET balance = balance + ? WHERE id = ? AND balance + ? >= 0',
  balance: 'SELECT balance FROM account WHERE id = ?',
} as const;

/** @throws unless exactly one row was changed */
export function requireOne(affected: number, what: string): void {
  if (affected !== 1) throw new Error(`not enough ${what}`);
}

export function requireOnSale(product: { stock: number; status: number } | undefined): void {
  if (!product || product.status !== 1 || product.stock < 1) throw new Error('not on sale');
}

export function requireSigned({ user, id, gold, sign }: GoldChange): void {
  const expected = createHash('md5').update(`${user}|${id}|${gold}|app-secret`).digest('hex');
  if (sign !== expected) throw new Error('the signature is wrong');
}
