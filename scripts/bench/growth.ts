import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import mysql from 'mysql2/promise';
import { model } from '../../ormconfig.js';
import { AppModule } from '../../src/app.module.js';
import { loadConfig, type Config } from '../../src/config/config.js';
import { createDataSource, withoutTimeout } from '../../src/database/data-source.js';
import { casesOf, type Read } from './growth/cases.js';
import { fillMall, type MallSize } from './growth/mall.js';

/*
 * What the lists cost in a small mall and in a large one, as medians of single reads through the services. Ends with 1 where a
 * read of the large mall takes more than MAX_RATIO times as long. BENCH_MYSQL_URL names a MySQL or MariaDB server; the two
 * databases are dropped afterwards, or kept by --keep and used again by the next run with the same sizes. --only=<text> measures
 * the reads whose names have it. Give the server a buffer pool that holds the large mall, or the disk is measured.
 */
const MAX_RATIO = 1.5;
/** Milliseconds below which a difference means nothing. */
const FLOOR = 0.3;
const ROUNDS = 41;
const ATTEMPTS = 3;
const PEOPLE = { merchant: 1, buyer: 2 };
/** What one person has at most; a shop grows with its mall. */
const OWN = { buyerOrders: 1000, productComments: 2000 };

const { values: options } = parseArgs({
  options: {
    products: { type: 'string', default: '1000000' },
    orders: { type: 'string', default: '2000000' },
    entries: { type: 'string', default: '1500000' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});
const [products, orders, entries] = [options.products, options.orders, options.entries].map(Number);
const SIZES: Readonly<Record<'small' | 'large', MallSize>> = {
  small: {
    ...OWN,
    products: 10_000,
    ownProducts: 1000,
    orders: 100_000,
    shopOrders: 50_000,
    comments: 10_000,
    entries: 20_000,
    walletEntries: 10_000,
  },
  large: {
    ...OWN,
    products,
    ownProducts: Math.max(1000, Math.round(products / 10)),
    orders,
    shopOrders: Math.max(50_000, Math.round(orders / 4)),
    comments: Math.max(10_000, Math.round(orders / 10)),
    entries,
    walletEntries: Math.round((entries * 2) / 3),
  },
};
const server = new URL(process.env['BENCH_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306');
const JWT_SECRET = randomBytes(32).toString('hex');

async function administer<Row>(statement: string): Promise<Row[]> {
  const connection = await mysql.createConnection(new URL('/', server).href);
  try {
    const [rows] = await connection.query(statement);
    return rows as Row[];
  } finally {
    await connection.end();
  }
}

/** A filled database; returns how the application is told of it. */
async function prepare(name: string, size: MallSize): Promise<Config> {
  const { href } = new URL(`/${name}`, server);
  const config = loadConfig({ DATABASE_URL: href, JWT_SECRET, SEED_DEMO: 'false', JOBS_TICK: '3600' });
  const [known] = await administer(`SHOW DATABASES LIKE '${name}'`);
  if (known) return config;
  const begun = performance.now();
  await administer(`CREATE DATABASE ${name}`);
  try {
    const patient = withoutTimeout(createDataSource(config.database, model)).setOptions({ maxQueryExecutionTime: 0 });
    const dataSource = await patient.initialize();
    await dataSource.runMigrations();
    await fillMall(dataSource, size, PEOPLE);
    await dataSource.destroy();
  } catch (error) {
    await administer(`DROP DATABASE ${name}`);
    throw error;
  }
  console.log(`${name}: filled in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return config;
}

async function millisecondsOf(read: Read, serial: number): Promise<number> {
  const begun = performance.now();
  await read(serial);
  return performance.now() - begun;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Medians of both reads, taken in turn. */
async function compare(small: Read, large: Read): Promise<[small: number, large: number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -5; round < ROUNDS; round += 1) {
    const [first, second] = [await millisecondsOf(small, round + 5), await millisecondsOf(large, round + 5)];
    if (round < 0) continue;
    times[0].push(first);
    times[1].push(second);
  }
  return [median(times[0]), median(times[1])];
}

/** What seems to grow is measured again: the machine may have been busy. */
async function grows(name: string, small: Read, large: Read): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const [before, after] = await compare(small, large);
    const ratio = Math.max(after, FLOOR) / Math.max(before, FLOOR);
    const verdict = ratio <= MAX_RATIO ? 'flat ' : attempt < ATTEMPTS ? 'again' : 'GROWS';
    console.log(`${verdict}  ${before.toFixed(2)} ms -> ${after.toFixed(2)} ms  x${ratio.toFixed(2)}  ${name}`);
    if (verdict !== 'again') return verdict === 'GROWS';
  }
}

async function measure(small: Config, large: Config): Promise<number> {
  const open = (config: Config) => NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: false });
  const contexts = [await open(small), await open(large)];
  const [inSmall, inLarge] = contexts.map((context) => casesOf(context, PEOPLE));
  let missed = 0;
  for (const [name, read] of Object.entries(inSmall).filter(([title]) => title.includes(options.only))) {
    if (await grows(name, read, inLarge[name])) missed += 1;
  }
  for (const context of contexts) await context.close();
  return missed;
}

const names = Object.entries(SIZES).map(
  ([name, size]) => `livemall_growth_${name}_${size.products}_${size.orders}_${size.entries}`,
);
try {
  const [small, large] = [await prepare(names[0], SIZES.small), await prepare(names[1], SIZES.large)];
  const missed = await measure(small, large);
  console.log(missed === 0 ? 'nothing grows' : `${missed} reads grow by more than ${MAX_RATIO}`);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  if (!options.keep) for (const name of names) await administer(`DROP DATABASE IF EXISTS ${name}`);
}
