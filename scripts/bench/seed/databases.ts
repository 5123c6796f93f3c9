import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startLivemall, type Databases } from '../servers.js';
import type { World } from '../world.js';
import { fillMall } from './mall.js';
import { fillRawTables } from './raw-tables.js';
import { openStore, type Store } from './store.js';
import { fillWallets } from './wallets.js';

/** What the rows depend on: a change of any of these makes them anew. */
const SOURCES = ['dist/migrations', 'dist/src/modules/products/title-grams.js'];
const OURS = resolve('dist/scripts/bench');
const FOLDER = 'data/bench';
/** Stock is filled up when there is less than this. */
const ENOUGH = 900_000;
const DONE = 'bench_done';

export type Kind = 'mysql' | 'sqlite';

/** Where databases are made. BENCH_MYSQL_URL names a MySQL or MariaDB server on which that is allowed. */
export const SERVER = (process.env['BENCH_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306').replace(/\/+$/, '');

/**
 * The databases for the checkout in `folder`, made if they are not there, with what earlier runs left in them removed. Their
 * names contain a hash of folder and contents; earlier ones of the same folder are dropped.
 */
export async function databasesFor(folder: string, kind: Kind, world: World, fresh: boolean): Promise<Databases> {
  const place = digest([resolve(folder)], 6);
  const contents = digest([...SOURCES.flatMap((path) => textsOf(join(folder, path))), ...ownTexts(), world], 10);
  const prefix = `livemall_bench_${place}_${world.products}_`;
  const name = prefix + contents;
  const area = kind === 'mysql' ? new MysqlArea() : new SqliteArea();
  for (const old of await area.list(prefix)) {
    if (fresh || !old.startsWith(name)) await area.drop(old);
  }
  const [mall, raw] = [area.urlOf(name), area.urlOf(`${name}_raw`)];
  if (!(await area.isDone(name))) await make(folder, area, name, world);
  const databases = { mall, raw, world };
  await tidy(databases);
  return databases;
}

async function make(folder: string, area: Area, name: string, world: World): Promise<void> {
  const began = Date.now();
  console.log(`seeding ${name}: ${world.products} products, ${world.orders} orders`);
  for (const database of [name, `${name}_raw`]) {
    await area.drop(database);
    await area.create(database);
  }
  const url = area.urlOf(name);
  // Its own migrations make the tables.
  await (await startLivemall(folder, url)).stop();
  await withStore(url, (store) => fillMall(store, world));
  await withStore(area.urlOf(`${name}_raw`), (store) => fillRawTables(store, world));
  const server = await startLivemall(folder, url);
  await fillWallets(server.port, world);
  await server.stop();
  await withStore(url, analyze);
  await area.finish(name);
  console.log(`seeded in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

async function analyze(store: Store): Promise<void> {
  const tables = ['products', 'product_grams', 'product_snapshots', 'orders', 'order_items', 'tab_products'];
  if (store.kind === 'mysql') await store.read(`ANALYZE TABLE ${tables.join(', ')}`);
  else await store.run('ANALYZE');
}

/** What earlier runs left: orders beyond the seeded ones, carts, stock that is running out. The books only grow. */
async function tidy({ mall, raw, world }: Databases): Promise<void> {
  await withStore(mall, async (store) => {
    await store.run('DELETE FROM cart_lines');
    await store.run('DELETE FROM order_items WHERE order_id > ?', [world.orders]);
    await store.run('DELETE FROM orders WHERE id > ?', [world.orders]);
    await store.run('UPDATE products SET stock = 1000000 WHERE stock < ?', [ENOUGH]);
  });
  await withStore(raw, (store) => store.run('UPDATE product SET stock = 1000000 WHERE stock < ?', [ENOUGH]));
}

async function withStore(url: string, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore(url);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function digest(parts: readonly unknown[], length: number): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}

function ownTexts(): string[] {
  return [join(OURS, 'world.js'), join(OURS, 'seed')].flatMap(textsOf);
}

function textsOf(path: string): string[] {
  if (path.endsWith('.js')) return [readFileSync(path, 'utf8')];
  return readdirSync(path)
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => readFileSync(join(path, name), 'utf8'));
}

/** Where databases are kept. */
interface Area {
  list(prefix: string): Promise<string[]>;
  urlOf(name: string): string;
  create(name: string): Promise<void>;
  drop(name: string): Promise<void>;
  isDone(name: string): Promise<boolean>;
  finish(name: string): Promise<void>;
}

class MysqlArea implements Area {
  async list(prefix: string): Promise<string[]> {
    const rows = await this.ask<{ name: string }>(
      'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?',
      [prefix.length, prefix],
    );
    return rows.map(({ name }) => name);
  }

  urlOf(name: string): string {
    return `${SERVER}/${name}`;
  }

  async create(name: string): Promise<void> {
    await this.ask(`CREATE DATABASE ${name}`);
  }

  async drop(name: string): Promise<void> {
    await this.ask(`DROP DATABASE IF EXISTS ${name}`);
  }

  async isDone(name: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?';
    return (await this.ask(sql, [name, DONE])).length > 0;
  }

  async finish(name: string): Promise<void> {
    await this.ask(`CREATE TABLE ${name}.${DONE} (id INT PRIMARY KEY)`);
  }

  private async ask<T>(sql: string, values: (string | number)[] = []): Promise<T[]> {
    const store = await openStore(`${SERVER}/`);
    try {
      return await store.read<T>(sql, values);
    } finally {
      await store.close();
    }
  }
}

/** Files beside each other, with one that says when they are done. */
class SqliteArea implements Area {
  async list(prefix: string): Promise<string[]> {
    mkdirSync(FOLDER, { recursive: true });
    const names = readdirSync(FOLDER).map((file) => file.split('.')[0]);
    return [...new Set(names)].filter((name) => name.startsWith(prefix));
  }

  urlOf(name: string): string {
    return `sqlite:${resolve(FOLDER, name)}.sqlite`;
  }

  async create(): Promise<void> {
    mkdirSync(FOLDER, { recursive: true });
  }

  async drop(name: string): Promise<void> {
    for (const file of existsSync(FOLDER) ? readdirSync(FOLDER) : []) {
      if (file.split('.')[0] === name) rmSync(join(FOLDER, file));
    }
  }

  async isDone(name: string): Promise<boolean> {
    return existsSync(join(FOLDER, `${name}.${DONE}`));
  }

  async finish(name: string): Promise<void> {
    writeFileSync(join(FOLDER, `${name}.${DONE}`), '');
  }
}
