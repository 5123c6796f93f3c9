import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { model } from '../ormconfig.js';
import type { DatabaseConfig } from '../src/config/config.js';
import { createDataSource } from '../src/database/data-source.js';

/*
 * Migrates an empty database and asks TypeORM what it would still change to match the entities: the answer must be nothing.
 * One database per process, because entities are adapted to the database when they are loaded: `sqlite`, or `mysql` for the
 * server of TEST_MYSQL_URL.
 */
const server = process.env['TEST_MYSQL_URL'];
if (process.argv[2] !== 'mysql') await check(emptySqlite());
else if (server) await check(await emptyMysql(server));
else console.log('mysql: skipped, TEST_MYSQL_URL is not set');

interface EmptyDatabase {
  readonly config: DatabaseConfig;
  readonly drop: () => Promise<void>;
}

async function check({ config, drop }: EmptyDatabase): Promise<void> {
  const statements = await drift(config);
  await drop();
  for (const statement of statements) console.log(`  ${statement}`);
  console.log(`${config.kind}: ${statements.length === 0 ? 'entities and migrations agree' : 'DRIFT, see above'}`);
  process.exitCode = statements.length === 0 ? 0 : 1;
}

async function drift(database: DatabaseConfig): Promise<string[]> {
  const dataSource = await createDataSource(database, model).initialize();
  try {
    await dataSource.runMigrations();
    const statements = await changesWanted(dataSource);
    await revertAll(() => dataSource.undoLastMigration());
    return statements;
  } finally {
    await dataSource.destroy();
  }
}

/** MariaDB writes the default of a nullable column as the word NULL, which TypeORM understands under its own name only. */
async function changesWanted(dataSource: DataSource): Promise<string[]> {
  const isMariadb = dataSource.options.type === 'mysql' && (await versionOf(dataSource)).includes('MariaDB');
  const reader = isMariadb ? await new DataSource(underItsOwnName(dataSource.options)).initialize() : dataSource;
  try {
    const { upQueries } = await reader.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    if (reader !== dataSource) await reader.destroy();
  }
}

function underItsOwnName(options: DataSourceOptions): DataSourceOptions {
  return Object.assign({}, options, { type: 'mariadb' as const });
}

async function versionOf(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.query<{ version: string }[]>('SELECT VERSION() AS version');
  return row?.version ?? '';
}

/** Every way back must work too. */
async function revertAll(undo: () => Promise<void>): Promise<void> {
  for (let left = model.migrations.length; left > 0; left -= 1) await undo();
}

function emptySqlite(): EmptyDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'livemall-drift-'));
  return {
    config: { kind: 'sqlite', location: join(folder, 'empty.sqlite'), poolSize: 2, queueSeconds: 2 },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

async function emptyMysql(url: string): Promise<EmptyDatabase> {
  const name = `livemall_drift_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string): Promise<void> => {
    const connection = await mysql.createConnection(url);
    await connection.query(statement);
    await connection.end();
  };
  await administer(`CREATE DATABASE ${name}`);
  const location = `${url.replace(/\/+$/, '')}/${name}`;
  return {
    config: { kind: 'mysql', location, poolSize: 2, queueSeconds: 2 },
    drop: () => administer(`DROP DATABASE ${name}`),
  };
}
