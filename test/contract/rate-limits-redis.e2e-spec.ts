import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Response } from 'supertest';
import { refused } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { TestClock } from '../support/clock.js';

const REDIS_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const LIMIT = 90;
const MINUTE = 60_000;

async function isThere(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

/** A way to Redis that can be cut, and mended. */
class Cable {
  private readonly sockets = new Set<Socket>();
  private port = 0;

  private constructor(private server: Server) {}

  static async lay(): Promise<Cable> {
    const cable = new Cable(createServer());
    await cable.mend();
    return cable;
  }

  get url(): string {
    const url = new URL(REDIS_URL);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  async mend(): Promise<void> {
    const { hostname, port } = new URL(REDIS_URL);
    this.server = createServer((near) => {
      const far = connect(Number(port || 6379), hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        this.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  async cut(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}

if (await isThere(REDIS_URL)) describeSharedCounts();
else it('are shared only where a Redis is: set TEST_REDIS_URL', () => console.log(`skipped: no Redis at ${REDIS_URL}`));

function describeSharedCounts(): void {
  describe('rate limits of two instances with one Redis', () => {
    // A minute that no other run of this test counts in.
    const clock = new TestClock(Date.UTC(2026, 0, 15) + Math.floor(Math.random() * 1e8) * MINUTE);
    const logs: string[] = [];
    let cable: Cable;
    let here: TestApp;
    let there: TestApp;
    let token: string;

    beforeAll(async () => {
      cable = await Cable.lay();
      const env = { RATE_LIMIT: 'on', REDIS_URL: cable.url, API_V1_TOKEN_TTL: '31536000' };
      here = await TestApp.start({ clock, env });
      const shared = { database: here.database, simulator: here.simulator };
      // Nest has one logger for a process: that of the application started last.
      there = await TestApp.start({ clock, env: { ...env, LOG_LEVEL: 'info' }, logs, ...shared });
      ({ token } = await here.login('everywhere'));
    });
    afterAll(async () => {
      await there.stop();
      await here.stop();
      await cable.cut();
    });

    const order = (app: TestApp) => app.post('/api/v1/order/generateOrder', {}, token);
    const send = (count: number, app: TestApp): Promise<Response[]> =>
      Promise.all(Array.from({ length: count }, () => order(app)));
    const said = (text: string): number => logs.filter((line) => line.includes(text)).length;
    /** Instances that miss Redis now: a machine that stalls may miss it for a moment by itself. */
    const missing = (): number => said('Redis is away') - said('Redis is back');

    it('are one limit for both, in whole minutes of their clock', async () => {
      const replies = [...(await send(LIMIT / 2, here)), ...(await send(LIMIT / 2, there))];
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]));
      for (const app of [here, there]) {
        const reply = await order(app);
        refused(reply, 429);
        expect(Number(reply.headers['retry-after'])).toBe(60);
      }
      clock.advance(MINUTE);
      refused(await order(here), 400);
    });

    it('are counted by each instance for itself while Redis is away: no failure, a warning of each, and together again after', async () => {
      clock.advance(MINUTE);
      await cable.cut();
      const [mine, theirs] = [await send(LIMIT, here), await send(LIMIT, there)];
      expect(new Set([...mine, ...theirs].map(({ status }) => status))).toEqual(new Set([400]));
      refused(await order(here), 429);
      refused(await order(there), 429);
      expect(missing()).toBe(2);
      await cable.mend();
      await until(() => missing() === 0);
      clock.advance(MINUTE);
      await send(LIMIT / 2, here);
      await send(LIMIT / 2, there);
      refused(await order(here), 429);
    });

    it('let a server start without Redis', async () => {
      const env = { RATE_LIMIT: 'on', REDIS_URL: 'redis://127.0.0.1:1' };
      const alone = await TestApp.start({ clock, env, database: here.database, simulator: here.simulator });
      clock.advance(MINUTE);
      const replies = await send(LIMIT + 1, alone);
      await alone.stop();
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(1);
      expect(replies.filter(({ status }) => status === 400)).toHaveLength(LIMIT);
    });
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !holds(); round += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
}
