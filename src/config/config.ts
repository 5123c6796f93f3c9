import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_LINKV_APP } from './development.js';
import { ConfigError, EnvironmentReader } from './environment.js';
import { secretWeakness } from './secret-weakness.js';
import { readWechatConfig } from './wechat.config.js';

type Environment = Readonly<Record<string, string | undefined>>;

const DATA_FOLDER = 'data';
const DAY = 86_400;

/** Everything the operator can set (docs/operations.md, configuration). Built once by {@link loadConfig}; nothing else reads the environment. */
export type Config = Readonly<ReturnType<typeof loadConfig>>;
/** The token under which constructors ask for it. */
export const Config = class {} as unknown as abstract new () => Config;
export type DatabaseConfig = Config['database'];

/**
 * Reads and validates the environment.
 * @throws ConfigError with one message that names every wrong variable
 */
export function loadConfig(environment: Environment) {
  const production = environment['NODE_ENV'] === 'production';
  const env = new EnvironmentReader(environment, production);
  const simulatorPort = env.integer('SIMULATOR_PORT', 3001, 0, 65_535);
  const wechat = readWechatConfig(env, simulatorPort);
  const config = {
    production,
    /** With the simulator anybody logs in as `demo-root`: nobody else on the network shall. */
    host: env.text('HOST') ?? (wechat.mode === 'simulator' ? '127.0.0.1' : '0.0.0.0'),
    port: env.integer('PORT', 3000, 0, 65_535),
    logLevel: env.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    database: {
      ...readDatabaseUrl(env),
      poolSize: env.integer('DATABASE_POOL_SIZE', 24, 2, 200),
      /** Seconds that a transaction waits for a free connection before it is refused as too busy. */
      queueSeconds: env.number('DATABASE_QUEUE_TIMEOUT', 2, 0.1, 60),
    },
    jwtSecret: readJwtSecret(env),
    rootOpenids: env.list('ROOT_OPENIDS'),
    seedDemo: readSeedDemo(env),
    wechat,
    simulatorPort,
    linkv: readLinkv(env),
    /** Seconds until an unpaid order closes. */
    orderPaymentTimeout: env.integer('ORDER_PAYMENT_TIMEOUT', 1800, 1, 30 * DAY),
    /** Pieces that a buyer may have ordered and not paid. */
    unpaidPiecesPerBuyer: env.integer('UNPAID_PIECES_PER_BUYER', 10_000, 1, 2 ** 31 - 1),
    orderAutoConfirmDays: env.number('ORDER_AUTO_CONFIRM_DAYS', 10, 0, 365),
    reviewsRequirePurchase: env.flag('REVIEWS_REQUIRE_PURCHASE', true),
    /** Part of a price that a coupon may pay, 0 to 1. */
    couponMaxShare: env.number('COUPON_MAX_SHARE', 1, 0, 1),
    /** Lifetimes in seconds. */
    tokens: {
      apiV1: env.integer('API_V1_TOKEN_TTL', 30 * DAY, 1, 365 * DAY),
      access: env.integer('ACCESS_TOKEN_TTL', 3600, 1, 30 * DAY),
      refresh: env.integer('REFRESH_TOKEN_TTL', 30 * DAY, 1, 365 * DAY),
      session: env.integer('SESSION_TTL', 30 * DAY, 1, 365 * DAY),
    },
    webOrigins: readOrigins(env),
    unsafeGet: env.flag('UNSAFE_GET', true),
    trustedProxies: env.list('TRUSTED_PROXIES'),
    rateLimit: readRateLimit(env),
    /** Where several instances count requests together; null: each for itself. */
    redisUrl: readRedisUrl(env),
    argon2: {
      memoryKib: env.integer('ARGON2_MEMORY_KIB', 19_456, 8, 1_048_576),
      time: env.integer('ARGON2_TIME', 2, 1, 20),
      parallelism: env.integer('ARGON2_PARALLELISM', 1, 1, 16),
    },
    jobs: {
      tickSeconds: env.number('JOBS_TICK', 5, 0.01, 3600),
      leaseSeconds: env.number('JOB_LEASE', 30, 0.1, 3600),
      /** Seconds after which a pending payment or refund is asked for at WeChat; the last repeats. */
      reconcileLadder: readLadder(env),
    },
    metricsToken: env.text('METRICS_TOKEN') ?? null,
  } as const;
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  return config;
}

/** `location` is a file path for sqlite, the whole URL for mysql. */
function readDatabaseUrl(env: EnvironmentReader): { readonly kind: 'sqlite' | 'mysql'; readonly location: string } {
  const url = env.text('DATABASE_URL') ?? `sqlite:./${DATA_FOLDER}/livemall.sqlite`;
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return { kind: 'sqlite', location: url.slice('sqlite:'.length).replace(/^\/\//, '') };
  }
  if (/^(mysql|mariadb):\/\//.test(url) && URL.canParse(url) && new URL(url).pathname.length > 1) {
    return { kind: 'mysql', location: url.replace(/^mariadb:/, 'mysql:') };
  }
  env.problem('DATABASE_URL', 'must be sqlite:<file> or mysql://user:password@host:3306/database');
  return { kind: 'sqlite', location: '' };
}

/** Outside production a secret is made once and kept beside the data, so that tokens survive a restart. */
function readJwtSecret(env: EnvironmentReader): string {
  const given = env.text('JWT_SECRET');
  if (given === undefined && !env.production) return keptSecret(join(DATA_FOLDER, 'jwt-secret'));
  const weakness = secretWeakness(given ?? '');
  if (weakness && (env.production || given === undefined)) env.problem('JWT_SECRET', weakness);
  return given ?? '';
}

function keptSecret(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(DATA_FOLDER, { recursive: true, mode: 0o700 });
  const secret = randomBytes(32).toString('base64url');
  try {
    writeFileSync(path, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch {
    return readFileSync(path, 'utf8').trim();
  }
}

function readLinkv(env: EnvironmentReader) {
  const appId = env.text('LINKV_APP_ID');
  const appSecret = env.text('LINKV_APP_SECRET');
  const lenient = env.flag('LINKV_LENIENT', false);
  const appAlias = env.text('LINKV_APP_ALIAS');
  if (!appId && !appSecret && !appAlias) {
    if (env.production) return null;
    return { ...DEMO_LINKV_APP, lenient };
  }
  if (!appId) env.problem('LINKV_APP_ID', 'is required: the LINKV_APP_ variables are all or none');
  else if (!/^[A-Za-z0-9_-]{1,64}$/.test(appId)) {
    env.problem('LINKV_APP_ID', 'must be 1 to 64 letters, digits, _ or -');
  }
  if (!appAlias) env.problem('LINKV_APP_ALIAS', 'is required: the LINKV_APP_ variables are all or none');
  const weakness = secretWeakness(appSecret ?? '');
  if (weakness && (env.production || !appSecret)) env.problem('LINKV_APP_SECRET', weakness);
  return { appId: appId ?? '', appSecret: appSecret ?? '', appAlias: appAlias ?? '', lenient };
}

function readOrigins(env: EnvironmentReader): string[] {
  const origins = env.list('WEB_ORIGINS');
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      env.problem('WEB_ORIGINS', 'must be origins such as https://shop.example, separated by commas');
    }
  }
  return origins;
}

function readSeedDemo(env: EnvironmentReader): boolean {
  const on = env.flag('SEED_DEMO', !env.production);
  if (on && env.production) env.problem('SEED_DEMO', 'cannot be on in production');
  return on;
}

function readRateLimit(env: EnvironmentReader): boolean {
  const on = env.flag('RATE_LIMIT', true);
  if (!on && env.production) env.problem('RATE_LIMIT', 'cannot be off in production');
  return on;
}

function readRedisUrl(env: EnvironmentReader): string | null {
  const url = env.text('REDIS_URL') ?? null;
  if (url !== null && !(/^rediss?:\/\/./.test(url) && URL.canParse(url))) {
    env.problem('REDIS_URL', 'must be redis://user:password@host:6379/0, or rediss: for TLS');
  }
  return url;
}

function readLadder(env: EnvironmentReader): number[] {
  const texts = env.list('RECONCILE_LADDER');
  if (texts.length === 0) return [5, 15, 30, 60, 180, 600, 1800];
  const seconds = texts.map(Number);
  if (seconds.some((value) => !Number.isFinite(value) || value <= 0)) {
    env.problem('RECONCILE_LADDER', 'must be positive seconds separated by commas');
  }
  return seconds;
}
