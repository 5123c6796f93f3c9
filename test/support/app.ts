import 'reflect-metadata';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import type { Clock } from '../../src/common/clock.js';
import { loadConfig, type Config } from '../../src/config/config.js';
import { Database } from '../../src/database/database.js';
import { Transactions } from '../../src/database/transactions.js';
import { UsersService } from '../../src/modules/users/users.service.js';
import { createLogger } from '../../src/operations/logger.js';
import { createServer } from '../../src/server.js';
import { simulatorPayConfig } from '../../src/simulator/keys.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { refuseNesting } from './nesting.js';

export interface TestUser {
  readonly token: string;
  readonly refreshToken: string;
  readonly id: number;
}

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Share these to run a second instance, or one after a restart. */
  readonly database?: TestDatabase;
  readonly simulator?: Simulator;
  /** Receives every log line; set LOG_LEVEL too. */
  readonly logs?: string[];
}

/** A whole server over a database of its own, listening on a free port, with a simulator beside it. */
export class TestApp {
  private constructor(
    readonly app: NestExpressApplication,
    readonly config: Config,
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    private readonly owned: { database: boolean; simulator: boolean },
  ) {}

  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const database = options.database ?? (await createTestDatabase());
    const simulator = options.simulator ?? (await startSimulator({ port: 0 }));
    const base = loadConfig({
      DATABASE_URL: database.url,
      JWT_SECRET: 'q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga',
      WECHAT_MODE: 'simulator',
      SEED_DEMO: 'false',
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'silent',
      HOST: '127.0.0.1',
      JOBS_TICK: '3600',
      // A crowd of parallel requests on a slow machine is no reason to refuse one of them.
      DATABASE_QUEUE_TIMEOUT: '30',
      ...options.env,
    });
    const port = await freePort();
    const pay = simulatorPayConfig(simulator.keys, simulator.url, `http://127.0.0.1:${port}/api/v1/payment/notify`);
    const config: Config = { ...base, port, wechat: { ...base.wechat, apiBase: simulator.url, pay } };
    const logger = createLogger(config.logLevel, { write: (line) => options.logs?.push(line) });
    const app = await createServer(config, options.clock, logger);
    refuseNesting(app.get(Transactions));
    await app.listen(port, '127.0.0.1');
    return new TestApp(app, config, database, simulator, {
      database: options.database === undefined,
      simulator: options.simulator === undefined,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.config.port}`;
  }

  /** Stops everything this app started itself; what was shared stays. */
  async stop(): Promise<void> {
    // As on a signal: a keep-alive connection that has just answered is idle only now.
    const idle = setInterval(() => this.app.getHttpServer().closeIdleConnections(), 10);
    await this.app.close().finally(() => clearInterval(idle));
    if (this.owned.simulator) await this.simulator.close();
    if (this.owned.database) await this.database.drop();
  }

  get(path: string, query: object = {}, token?: string): request.Test {
    const test = request(this.url).get(path).query(query);
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }

  post(path: string, body: object = {}, token?: string): request.Test {
    const test = request(this.url).post(path).send(body);
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }

  /** Logs in as `demo-<name>` over HTTP, with these permission bits (1 user, 2 merchant, 4 root). */
  async login(name: string, permission = 1): Promise<TestUser> {
    const reply = await this.get('/api/v1/user/code', { code: `demo-${name}` });
    if (reply.status !== 200) throw new Error(`login failed: ${reply.text}`);
    const { token, refreshToken } = reply.body.data as { token: string; refreshToken: string };
    const profile = await this.get('/api/v1/user/profile', {}, token);
    const id = Number((profile.body.data as { userId: number }).userId);
    if (permission !== 1) await this.app.get(UsersService).setPermission(id, permission);
    return { token, refreshToken, id };
  }

  /** Committed rows, for what no route shows. */
  rows<Row>(sql: string, params: (string | number)[] = []): Promise<Row[]> {
    return this.app.get(Database).read<Row>(sql, params);
  }

  /** Writes behind the application's back, for tests of tampering and of old data. */
  async tamper(sql: string, params: (string | number | null)[] = []): Promise<void> {
    await this.app.get(Transactions).run(async (tx) => {
      await tx.execute(sql, params);
    });
  }
}

/** Known before the server listens, because WeChat is told the notify URL with each payment. */
async function freePort(): Promise<number> {
  const probe = createTcpServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
