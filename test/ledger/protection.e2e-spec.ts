import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { TestApp } from '../support/app.js';
import { createEmptyDatabase } from '../support/database.js';

declare const testDatabase: 'sqlite' | 'mysql';

const warningsOf = async (app: TestApp): Promise<string> => {
  const reply = await app.get('/health/ready');
  expect(reply.status).toBe(200);
  return (reply.body as { warnings: string[] }).warnings.join('\n');
};

it('has nothing to warn of where the database takes triggers', async () => {
  const app = await TestApp.start();
  expect(await warningsOf(app)).not.toMatch(/trigger/);
  await app.stop();
});

if (testDatabase === 'mysql') {
  it('starts without the TRIGGER privilege, says so in /health/ready, and protects itself once it is granted', async () => {
    const database = await createEmptyDatabase();
    const url = new URL(database.url);
    const user = `lm_${randomBytes(4).toString('hex')}`;
    const [schema, password] = [url.pathname.slice(1), randomBytes(8).toString('hex')];
    const root = await mysql.createConnection(database.url);
    await root.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
    await root.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON ${schema}.* TO '${user}'@'%'`,
    );
    Object.assign(url, { username: user, password });
    try {
      const poor = await TestApp.start({ database: { ...database, url: url.href } });
      expect(await warningsOf(poor)).toMatch(/^ledger_transactions is not protected by triggers: .* \(error 1142\)/m);
      await poor.stop();
      await root.query(`GRANT TRIGGER ON ${schema}.* TO '${user}'@'%'`);
      const rich = await TestApp.start({ database: { ...database, url: url.href } });
      expect(await warningsOf(rich)).not.toMatch(/trigger/);
      await rich.stop();
    } finally {
      await root.query(`DROP USER '${user}'@'%'`);
      await root.end();
      await database.drop();
    }
  });

  it('prepares every session, the one that TypeORM opens first too', async () => {
    const app = await TestApp.start();
    const sessions = await Promise.all(
      Array.from({ length: 12 }, () =>
        app.rows('SELECT @@innodb_lock_wait_timeout AS patience, @@sql_mode LIKE ? AS strict, SLEEP(0.05) AS slept', [
          '%STRICT_ALL_TABLES%',
        ]),
      ),
    );
    for (const [session] of sessions) expect(session).toMatchObject({ patience: 4, strict: 1 });
    await app.stop();
  });
}
