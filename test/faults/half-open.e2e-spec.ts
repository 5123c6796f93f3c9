import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { TestApp, type TestUser } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { freeze } from '../support/frozen.js';

declare const testDatabase: 'sqlite' | 'mysql';

const CLIENTS = 60;
/** A wait for a connection ends after 5 s, a statement after 10 s: no answer takes longer than this, on a slow machine either (milliseconds). */
const LONGEST = 30_000;
const ADDRESS = { name: 'n', address: 'a', phoneNumber: '1' };
const env = { DATABASE_QUEUE_TIMEOUT: '2' };

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly took: number;
}

async function answerOf(request: PromiseLike<Response>): Promise<Answer> {
  const asked = performance.now();
  const { status, headers } = await request;
  return { status, retryAfter: headers['retry-after'], took: performance.now() - asked };
}

interface Owner {
  readonly user: TestUser;
  readonly addressId: number;
}

/** Each has rows of his own, so that nobody waits for another's lock. */
async function ownersIn(app: TestApp): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (let index = 0; index < 16; index += 1) {
    const user = await app.login(`half-open-${index}`);
    await app.post('/api/v1/address/addAddress', ADDRESS, user.token).expect(200);
    const { body } = await app.get('/api/v1/address/address', {}, user.token);
    owners.push({
      user,
      addressId: (body as { data: { address: { addressId: number }[] } }).data.address[0].addressId,
    });
  }
  return owners;
}

/** Two reads and two writes in turn. */
function call(app: TestApp, owners: readonly Owner[], count: number): PromiseLike<Response> {
  const { user, addressId } = owners[(count >> 2) % owners.length];
  const change = { ...ADDRESS, addressId, name: `n${count}` };
  if (count % 4 === 0) return app.get('/api/v1/user/profile', {}, user.token);
  if (count % 4 === 1) return app.get('/api/v1/address/address', {}, user.token);
  if (count % 4 === 2) return app.post('/api/v1/address/modifyAddress', change, user.token);
  return app.post('/api/v1/address/modifyDefault', { address_id: addressId }, user.token);
}

const crowd = (app: TestApp, owners: readonly Owner[]): Promise<Answer[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, index) => answerOf(call(app, owners, index))));

/** Each was served, or refused as what may be asked again, in time. */
function expectServedOrRefused(answers: readonly Answer[]): void {
  const odd = answers.filter(({ status, retryAfter }) => status !== 200 && !(status === 503 && retryAfter === '1'));
  expect(odd).toEqual([]);
  expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(LONGEST);
}

function onMysql(): void {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let app: TestApp;
  let owners: Owner[];

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await DatabaseProxy.before(database.url);
    app = await TestApp.start({ database: { ...database, url: proxy.url }, env });
    owners = await ownersIn(app);
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await database.drop();
  });

  /** Every connection is open. */
  async function fillPools(): Promise<void> {
    const slow = Array.from({ length: 12 }, () => [app.rows('SELECT SLEEP(0.3)'), app.tamper('DO SLEEP(0.3)')]);
    await Promise.all(slow.flat());
    expect(proxy.open).toBeGreaterThanOrEqual(24);
  }

  async function expectAllWell(): Promise<void> {
    const answers = await crowd(app, owners);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    await app.get('/health/ready').expect(200);
  }

  it('that falls silent under many readers and writers is given up, and all of them are served again', async () => {
    await fillPools();
    const answers: Answer[] = [];
    const end = new AbortController();
    const clients = Array.from({ length: CLIENTS }, async (_, index) => {
      for (let count = index; !end.signal.aborted; count += 1) answers.push(await answerOf(call(app, owners, count)));
    });
    await sleep(300);
    const begun = answers.length;
    proxy.fallSilent();
    const latest = performance.now() + 2 * LONGEST;
    const isHealed = (): boolean =>
      answers.length > begun + 3 * CLIENTS && answers.slice(-2 * CLIENTS).every(({ status }) => status === 200);
    while (!isHealed() && performance.now() < latest) await sleep(100);
    expect(isHealed()).toBe(true);
    end.abort();
    await Promise.all(clients);
    expectServedOrRefused(answers);
    await expectAllWell();
  });

  it('that has fallen silent while nobody asked costs a few calls, not one for each', async () => {
    await fillPools();
    proxy.fallSilent();
    const answers: Answer[] = [];
    for (let served = 0; served < 8 && answers.length < 30; served += answers.at(-1)!.status === 200 ? 1 : 0) {
      answers.push(await answerOf(call(app, owners, served)));
    }
    expectServedOrRefused(answers);
    expect(answers.filter(({ status }) => status !== 200).length).toBeLessThan(5);
    await expectAllWell();
  });

  it('of a frozen database holds nobody for long, and everybody is served when it thaws', async () => {
    await fillPools();
    const printed = jest.spyOn(console, 'log');
    proxy.freeze();
    const answers = await crowd(app, owners);
    const { status } = await app.get('/health/ready');
    proxy.thaw();
    expectServedOrRefused(answers);
    expect([status, answers.filter((answer) => answer.status === 200)]).toEqual([503, []]);
    expect(printed.mock.calls).toEqual([]);
    printed.mockRestore();
    await expectAllWell();
  });
}

async function onSqlite(): Promise<void> {
  const app = await TestApp.start({ env });
  const owners = await ownersIn(app);
  const frozen = await freeze(app.database);
  const answers = await crowd(app, owners);
  await frozen.thaw();
  expectServedOrRefused(answers);
  expect(answers.map(({ status }) => status === 200)).toEqual(answers.map((_, index) => index % 4 < 2));
  expect((await crowd(app, owners)).every(({ status }) => status === 200)).toBe(true);
  await app.stop();
}

if (testDatabase === 'mysql') describe('a connection to the database', onMysql);
else
  it(
    'while another process holds the database, reads are served and writes refused as what may be asked again',
    onSqlite,
  );
