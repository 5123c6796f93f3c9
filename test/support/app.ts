import 'reflect-metadata';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Clock } from '../../src/common/clock.js';
import { loadConfig, type Config } from '../../src/config/config.js';
import { Database } from '../../src/database/database.js';
import { Transactions } from '../../src/database/transactions.js';
import { UsersService } from '../../src/modules/users/users.service.js';
import { createLogger } from '../../src/operations/logger.js';
import { createServer } from '../../src/server.js';
import { simulatorPayConfig } from '../../src/simulator/keys.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { refuseNesting } from './nesting.js';
import { Site } from './site.js';
import { startTestSimulator } from './simulator.js';
import { freePort } from '../../scripts/free-port.js';

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
  /** Of the simulator that is started otherwise: what divides WeChat's waiting times, and the clock that it follows. */
  readonly wechat?: { readonly speed?: number; readonly clock?: Clock };
  /** Receives every log line; set LOG_LEVEL too. */
  readonly logs?: string[];
}

/** What every server under test is configured with; its jobs run when a test says so. */
export const TEST_ENV = {
  JWT_SECRET: 'q8Zt3vLm5Xc9Rb2Nw7Yk4Hs6Jd1Pf0Ga',
  WECHAT_MODE: 'simulator',
  SEED_DEMO: 'false',
  RATE_LIMIT: 'off',
  HOST: '127.0.0.1',
  JOBS_TICK: '3600',
} as const;

/** A whole server over a database of its own, listening on a free port, with a simulator beside it. */
export class TestApp extends Site {
  private server: NestExpressApplication | null = null;
  private settings: Config | null = null;
  private place: TestDatabase | null = null;
  private wechat: Simulator | null = null;
  private readonly others: TestApp[] = [];
  private stopped = false;

  /** Nothing runs before {@link open}, so that a test file can name its server before the first hook. */
  constructor(private readonly options: TestAppOptions = {}) {
    super();
  }

  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const app = new TestApp(options);
    await app.open();
    return app;
  }

  async open(): Promise<void> {
    try {
      await this.listen();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Another instance over the same database, clock and WeChat; it stops with this one, unless it was stopped before. */
  async beside(options: TestAppOptions = {}): Promise<TestApp> {
    const { clock } = this.options;
    const shared = { ...(clock && { clock }), database: this.database, simulator: this.simulator };
    const other = await TestApp.start({ ...shared, ...options });
    this.others.push(other);
    return other;
  }

  private async listen(): Promise<void> {
    const { options } = this;
    const database = (this.place = options.database ?? (await createTestDatabase()));
    const simulator = (this.wechat = options.simulator ?? (await startTestSimulator(options.wechat)));
    const base = loadConfig({
      DATABASE_URL: database.url,
      ...TEST_ENV,
      LOG_LEVEL: 'silent',
      // A crowd of parallel requests on a slow machine is no reason to refuse one of them.
      DATABASE_QUEUE_TIMEOUT: '30',
      ...options.env,
    });
    const port = await freePort();
    const pay = simulatorPayConfig(simulator.keys, simulator.url, `http://127.0.0.1:${port}/api/v1/payment/notify`);
    this.settings = { ...base, port, wechat: { ...base.wechat, apiBase: simulator.url, pay } };
    const logger = createLogger(base.logLevel, { write: (line) => options.logs?.push(line) });
    this.server = await createServer(this.settings, options.clock, logger);
    refuseNesting(this.server.get(Transactions));
    await this.server.listen(port, '127.0.0.1');
  }

  get app(): NestExpressApplication {
    return started(this.server);
  }

  get config(): Config {
    return started(this.settings);
  }

  get database(): TestDatabase {
    return started(this.place);
  }

  get simulator(): Simulator {
    return started(this.wechat);
  }

  override get url(): string {
    return `http://127.0.0.1:${this.config.port}`;
  }

  /** Stops everything this app started itself; what was shared stays. Twice is once. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    for (const other of this.others) await other.stop();
    if (this.server) {
      // A keep-alive connection that answers its last request from now on is closed after it, not kept for the next.
      const http: Server = this.server.getHttpServer();
      http.keepAliveTimeout = 1;
      await this.server.close();
    }
    if (!this.options.simulator) await this.wechat?.close();
    if (!this.options.database) await this.place?.drop();
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

function started<T>(part: T | null): T {
  if (part === null) throw new Error('the server does not run yet: use it in hooks and in tests');
  return part;
}
