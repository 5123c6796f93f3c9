import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/free-port.js';
import { TEST_ENV, TestApp, type TestUser } from '../support/app.js';
import { BuiltServer } from '../support/built-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Mall } from '../support/mall.js';
import { runFolder } from '../support/run.js';
import { until } from '../support/until.js';

const WRITERS = 200;
/** Answers to writers that come before the one to a new connection: less than a round of theirs. */
const MOST_BEFORE = WRITERS / 2;
const PROBES = 9;

/* A process of its own, because what is asked is in which order it does things. */
describe('the built server on SQLite, with 200 connections that write all the time', () => {
  let database: TestDatabase;
  let home: TestApp;
  let server: BuiltServer;
  let folder: string;
  let buyers: TestUser[];
  let product: number;
  const sockets: Socket[] = [];
  const writing = new Set<number>();
  let answered = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    home = await TestApp.start({ database });
    product = await new Mall(home).product(await home.login('merchant', 3), { stock: 1_000_000 });
    buyers = [];
    while (buyers.length < 20) buyers.push(await home.login(`writer-${buyers.length}`));
    folder = mkdtempSync(join(runFolder(), 'busy-'));
    const SIMULATOR_PORT = String(await freePort());
    server = await BuiltServer.start(folder, { ...TEST_ENV, DATABASE_URL: database.url, SIMULATOR_PORT });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await server.end();
    await home.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => resolve(socket));
      socket.setNoDelay(true).once('error', reject);
      sockets.push(socket);
    });

  /** Orders again as soon as it is answered. */
  async function writer(index: number): Promise<void> {
    const socket = await open();
    const body = JSON.stringify({ products: [{ product_id: String(product), count: 1 }] });
    const request =
      'POST /liveuser/Order/Create HTTP/1.1\r\nHost: mall\r\nContent-Type: application/json\r\n' +
      `Authorization: Bearer ${buyers[index % buyers.length].token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    socket.on('data', (chunk: Buffer) => {
      expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 /);
      answered += 1;
      writing.add(index);
      socket.write(request);
    });
    socket.write(request);
  }

  /** How many writers are answered from here on until a new connection is. */
  async function answersBeforeNew(): Promise<number> {
    const before = answered;
    const socket = await open();
    await new Promise<void>((resolve) => {
      socket.once('data', (chunk: Buffer) => {
        expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 /);
        resolve();
      });
      socket.write('GET /health/live HTTP/1.1\r\nHost: mall\r\n\r\n');
    });
    socket.destroy();
    return answered - before;
  }

  it('answers a new connection before it has answered half of them once', async () => {
    await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));
    await until('all of them have been answered', () => writing.size === WRITERS);
    const counts: number[] = [];
    while (counts.length < PROBES) {
      const seen = answered;
      await until('they have been answered again', () => answered >= seen + WRITERS);
      counts.push(await answersBeforeNew());
    }
    const sorted = counts.toSorted((a, b) => a - b);
    expect({ counts, median: sorted[(PROBES - 1) / 2] < MOST_BEFORE }).toEqual({ counts, median: true });
  });
});
