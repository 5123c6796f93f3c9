import { RAW_ACCOUNTS, RAW_TABS, type World } from '../world.js';
import { fill } from './fill.js';
import type { Store } from './store.js';

/** Fen: nobody runs out. */
const RICH = 1_000_000_000_000;
const STOCK = 1_000_000;

/** The tables of the raw floor: the least that such a mall could do with. Money is an integer number of fen. */
function definitions(kind: Store['kind']): string[] {
  const key = kind === 'mysql' ? 'BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY' : 'INTEGER PRIMARY KEY';
  const end = kind === 'mysql' ? ') ENGINE=InnoDB DEFAULT CHARSET=utf8mb4' : ')';
  return [
    `CREATE TABLE product (id ${key}, tab_id INT NOT NULL, name VARCHAR(120) NOT NULL, brief VARCHAR(255) NOT NULL,
      image VARCHAR(255) NOT NULL, price INT NOT NULL, market_price INT NOT NULL, stock INT NOT NULL, sales INT NOT NULL,
      status SMALLINT NOT NULL ${end}`,
    'CREATE INDEX ix_product_tab ON product (tab_id, status, id)',
    `CREATE TABLE account (id ${key}, balance BIGINT NOT NULL ${end}`,
    `CREATE TABLE orders (id ${key}, sn CHAR(24) NOT NULL, user_id BIGINT NOT NULL, total INT NOT NULL,
      status SMALLINT NOT NULL, created_at BIGINT NOT NULL ${end}`,
    'CREATE UNIQUE INDEX ux_orders_sn ON orders (sn)',
    'CREATE INDEX ix_orders_user ON orders (user_id, id)',
    `CREATE TABLE order_item (id ${key}, order_id BIGINT NOT NULL, product_id BIGINT NOT NULL, name VARCHAR(120) NOT NULL,
      price INT NOT NULL, qty INT NOT NULL ${end}`,
    'CREATE INDEX ix_item_order ON order_item (order_id)',
    `CREATE TABLE ledger_tx (id ${key}, ref CHAR(32) NOT NULL, kind SMALLINT NOT NULL, created_at BIGINT NOT NULL ${end}`,
    'CREATE UNIQUE INDEX ux_tx_ref ON ledger_tx (ref)',
    `CREATE TABLE posting (id ${key}, tx_id BIGINT NOT NULL, account_id BIGINT NOT NULL, amount BIGINT NOT NULL ${end}`,
    'CREATE INDEX ix_posting_tx ON posting (tx_id)',
    'CREATE INDEX ix_posting_account ON posting (account_id, id)',
    `CREATE TABLE cart_item (id ${key}, user_id BIGINT NOT NULL, product_id BIGINT NOT NULL, qty INT NOT NULL ${end}`,
    'CREATE UNIQUE INDEX ux_cart ON cart_item (user_id, product_id)',
  ];
}

export async function fillRawTables(store: Store, { products }: World): Promise<void> {
  for (const definition of definitions(store.kind)) await store.run(definition);
  await fill(store, 'product', products, (id) => ({
    id,
    tab_id: 1 + (id % RAW_TABS),
    name: `Ceramic mug number ${id}`,
    brief: `A plain mug, 350 ml, dishwasher safe, batch ${id % 97}`,
    image: `https://cdn.example/p/${id}/cover.webp`,
    price: 500 + (id % 5000),
    market_price: 900 + (id % 6000),
    stock: STOCK,
    sales: id % 999,
    status: 1,
  }));
  await fill(store, 'account', RAW_ACCOUNTS, (id) => ({ id, balance: RICH }));
}
