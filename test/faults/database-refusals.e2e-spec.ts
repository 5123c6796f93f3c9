import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import type { Response } from 'supertest';
import { Database } from '../../src/database/database.js';
import { TestApp, type TestUser } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { partnerOf } from '../support/open.js';
import { until } from '../support/until.js';

declare const testDatabase: 'sqlite' | 'mysql';

const env = { LOG_LEVEL: 'warn' };
const ADDRESS = { name: 'n', address: '广'.repeat(250), phoneNumber: '1' };

interface Ready {
  readonly status: string;
  readonly database: string;
}

const verdictOf = ({ status, headers }: Response): unknown => [status, headers['retry-after']];
const ready = async (app: TestApp): Promise<[number, string]> => {
  const { status, body } = await app.get('/health/ready');
  return [status, (body as Ready).database];
};
const addAddress = (app: TestApp, user: TestUser): PromiseLike<Response> =>
  app.post('/api/v1/address/addAddress', ADDRESS, user.token);
const codesIn = (logs: readonly string[]): unknown[] =>
  logs.map((line) => (JSON.parse(line) as { cause?: { code?: string } }).cause?.code);

/** Disk full, read-only, too many prepared statements, a killed or too slow statement, the table full, the engine in trouble. */
const REFUSALS = [1021, 1026, 1030, 1114, 1135, 1290, 1317, 1461, 1836, 1969, 3024];
const READ_ONLY = new Set([1021, 1026, 1114, 1290, 1836]);

function onMysql(): void {
  const logs: string[] = [];
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let app: TestApp;
  let user: TestUser;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await DatabaseProxy.before(database.url);
    app = await TestApp.start({ database: { ...database, url: proxy.url }, env, logs });
    user = await app.login('refused', 7);
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await database.drop();
  });

  it.each(REFUSALS)(
    'error %i is 503 with Retry-After on every wire, for readers and writers, and passes',
    async (errno) => {
      const partner = partnerOf(app);
      await until('nobody remembers the last one', async () => (await ready(app))[0] === 200);
      proxy.refusal = errno;
      await expect(app.tamper('DO 1')).rejects.toMatchObject({ code: 'unavailable' });
      const reads = [
        await app.get('/api/v1/address/address', {}, user.token),
        await app.get('/api/v1/user/profile', {}, user.token),
        await app.post('/liveuser/User/Get', { uids: ['1'] }, user.token),
        await app.get('/user', {}, user.token),
      ];
      const writes = [await addAddress(app, user), await app.post('/cart', { product_id: 1 }, user.token)];
      const open = await app.get('/open/finanv0/getUserTokens', partner.signed({ uid: 'u1' }));
      const notReady = await app.get('/health/ready');
      proxy.refusal = null;
      expect([...reads, ...writes].map(verdictOf)).toEqual(Array.from({ length: 6 }, () => [503, '1']));
      expect([verdictOf(open), (JSON.parse(open.text) as { status: string }).status]).toEqual([[200, '1'], '500']);
      expect(notReady.status).toBe(503);
      expect((await addAddress(app, user)).status).toBe(200);
      expect((await ready(app))[1]).toBe(READ_ONLY.has(errno) ? 'read_only' : 'up');
    },
  );

  it('a connection that cannot be set up is 503 as well', async () => {
    proxy.refusal = 1290;
    proxy.refusesSessions = true;
    const replies = [];
    for (let count = 0; count < 4; count += 1) replies.push(await addAddress(app, user));
    for (let count = 0; count < 4; count += 1) replies.push(await app.get('/api/v1/address/address', {}, user.token));
    proxy.refusal = null;
    expect(replies.map(verdictOf)).toEqual(Array.from({ length: 8 }, () => [503, '1']));
    expect((await addAddress(app, user)).status).toBe(200);
  });

  it('a statement that is killed is 503 for its caller, and the log names the error', async () => {
    const holder = await mysql.createConnection(database.url);
    await holder.query('BEGIN');
    const [[{ id }]] = await holder.query<RowDataPacket[]>('SELECT MIN(id) AS id FROM addresses FOR UPDATE');
    await holder.query('SELECT * FROM addresses FOR UPDATE');
    const change = { ...ADDRESS, addressId: Number(id) };
    const killed = app.post('/api/v1/address/modifyAddress', change, user.token).then(verdictOf);
    const waiting = (): Promise<{ id: number }[]> =>
      app.rows(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'UPDATE%' AND id <> CONNECTION_ID()",
      );
    await until('it waits', async () => (await waiting()).length === 1);
    await holder.query(`KILL QUERY ${(await waiting())[0].id}`);
    expect(await killed).toEqual([503, '1']);
    await holder.end();
    expect(codesIn(logs)).toContain('ER_QUERY_INTERRUPTED');
  });

  it('connections that are lost again and again leave nothing behind', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return Math.round((heapUsed + external) / 1_048_576);
    };
    const ask = (): Promise<unknown> =>
      Promise.allSettled(
        Array.from({ length: 24 }, (_, index) => (index % 2 ? app.rows('SELECT 1') : app.tamper('DO 1'))),
      );
    await ask();
    const [before, made] = [heap(), proxy.made];
    for (let count = 0; count < 100; count += 1) {
      proxy.drop();
      await ask();
    }
    expect(proxy.made - made).toBeGreaterThan(1000);
    expect(heap() - before).toBeLessThan(100);
    await until('all is well', async () => (await addAddress(app, user)).status === 200);
    expect(proxy.open).toBeLessThanOrEqual(24);
  });
}

function onSqlite(): void {
  it('is 503 with Retry-After for who writes, never 500, readiness says so, and readers are served', async () => {
    const logs: string[] = [];
    const app = await TestApp.start({ env, logs });
    const user = await app.login('full');
    const { writer } = app.app.get(Database);
    expect(await ready(app)).toEqual([200, 'up']);
    await writer.query('PRAGMA max_page_count = 1');
    const replies: Response[] = [];
    while (replies.length < 40 && replies.at(-1)?.status !== 503) replies.push(await addAddress(app, user));
    expect(verdictOf(replies.at(-1)!)).toEqual([503, '1']);
    expect(replies.slice(0, -1).every(({ status }) => status === 200)).toBe(true);
    expect(await ready(app)).toEqual([503, 'read_only']);
    expect((await app.get('/api/v1/address/address', {}, user.token)).status).toBe(200);
    expect(codesIn(logs)).toContain('SQLITE_FULL');
    await writer.query('PRAGMA max_page_count = 1000000');
    expect((await addAddress(app, user)).status).toBe(200);
    await until('it is forgotten', async () => (await ready(app))[0] === 200);
    await app.stop();
  });
}

if (testDatabase === 'mysql') describe('what the database cannot do now:', onMysql);
else describe('a database that is full', onSqlite);
