import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { runFolder } from './run.js';
import { mysqlTemplate, sqliteTemplate } from './template.js';

declare const testDatabase: 'sqlite' | 'mysql';

export interface TestDatabase {
  readonly kind: 'sqlite' | 'mysql';
  /** What DATABASE_URL would be. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of the project's kind (sqlite or mysql) that nobody else uses; `drop` it afterwards. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  if (database.kind === 'sqlite') {
    copyFileSync(await sqliteTemplate(), database.url.slice('sqlite:'.length));
    return database;
  }
  const statements = JSON.parse(readFileSync(await mysqlTemplate(createEmptyDatabase), 'utf8')) as string[];
  await administer(database.url, statements.join(';\n'));
  return database;
}

/** As {@link createTestDatabase}, without tables: for tests of the migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  if (testDatabase === 'sqlite') {
    const folder = mkdtempSync(join(runFolder(), 'database-'));
    return {
      kind: 'sqlite',
      url: `sqlite:${join(folder, 'test.sqlite')}`,
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  const server = process.env['TEST_MYSQL_URL']!.replace(/\/+$/, '');
  const name = `livemall_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  return { kind: 'mysql', url: `${server}/${name}`, drop: () => administer(server, `DROP DATABASE ${name}`) };
}

/** Runs statements, separated by semicolons, in one round trip. */
async function administer(uri: string, statements: string): Promise<void> {
  const connection = await mysql.createConnection({ uri, multipleStatements: true });
  try {
    await connection.query(statements);
  } finally {
    await connection.end();
  }
}
