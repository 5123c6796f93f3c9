import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';

declare const testDatabase: 'sqlite' | 'mysql';

export interface TestDatabase {
  readonly kind: 'sqlite' | 'mysql';
  /** What DATABASE_URL would be. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of the project's kind (sqlite or mysql) that nobody else uses; `drop` it afterwards. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (testDatabase === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'livemall-test-'));
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

async function administer(url: string, statement: string): Promise<void> {
  const connection = await mysql.createConnection(url);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
