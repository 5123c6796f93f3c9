import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.js';
import { ConfigError } from './environment.js';

const PEM = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Everything that production needs, and nothing more. */
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'dT7-Wm2_kQ9xLr4Vb8Yz1Nc6Hs3Pf5Gj0Ea',
  WECHAT_APP_ID: 'wx1234567890abcdef',
  WECHAT_APP_SECRET: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  WECHAT_PAY_MCH_ID: '1900000001',
  WECHAT_PAY_SERIAL_NO: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  WECHAT_PAY_PRIVATE_KEY: PEM.privateKey,
  WECHAT_PAY_API_V3_KEY: 'Ab3dEf6hIj9kLm2oPq5sTu8wXy1zAb4d',
  WECHAT_PAY_NOTIFY_URL: 'https://mall.example/api/v1/payment/notify',
};
const DEVELOPMENT = { JWT_SECRET: 'x' };

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with an environment, one line a variable. */
function problemsOf(environment: Environment): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('has a default for everything outside production', () => {
    const config = loadConfig(DEVELOPMENT);
    expect(config).toMatchObject({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      database: { kind: 'sqlite', location: './data/livemall.sqlite' },
      seedDemo: true,
      simulatorPort: 3001,
      wechat: { mode: 'simulator', apiBase: 'http://127.0.0.1:3001', pay: null },
      orderPaymentTimeout: 1800,
      orderAutoConfirmDays: 10,
      reviewsRequirePurchase: true,
      couponMaxShare: 1,
      tokens: { apiV1: 2_592_000, access: 3600, refresh: 2_592_000, session: 2_592_000 },
      webOrigins: [],
      unsafeGet: true,
      trustedProxies: [],
      rateLimit: true,
      redisUrl: null,
      argon2: { memoryKib: 19_456, time: 2, parallelism: 1 },
      jobs: { tickSeconds: 5, leaseSeconds: 30, reconcileLadder: [5, 15, 30, 60, 180, 600, 1800] },
    });
  });

  it('listens on this machine alone while the simulator is on, unless HOST says where', () => {
    const live = { ...DEVELOPMENT, WECHAT_APP_ID: 'wx1', WECHAT_APP_SECRET: 's' };
    expect(loadConfig(live).host).toBe('0.0.0.0');
    expect(loadConfig(PRODUCTION).host).toBe('0.0.0.0');
    expect(loadConfig({ ...live, WECHAT_MODE: 'simulator' }).host).toBe('127.0.0.1');
    expect(loadConfig({ ...DEVELOPMENT, HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
    expect(loadConfig({ ...live, HOST: '10.0.0.5' }).host).toBe('10.0.0.5');
  });

  it('takes an empty variable for an unset one, and trims', () => {
    expect(loadConfig({ ...DEVELOPMENT, PORT: ' ', HOST: '' }).port).toBe(3000);
    expect(loadConfig({ ...DEVELOPMENT, PORT: ' 8080 ' }).port).toBe(8080);
  });

  it('names every wrong variable in one message, and no value', () => {
    const wrong = {
      ...DEVELOPMENT,
      PORT: 'eighty-eighty',
      DATABASE_URL: 'postgres://user:hunter2@db/x',
      WECHAT_MODE: 'pretend',
      COUPON_MAX_SHARE: '1.5',
      RATE_LIMIT: 'maybe',
      REDIS_URL: 'http://h',
      WEB_ORIGINS: 'https://shop.example/path',
      RECONCILE_LADDER: '5,later',
      ORDER_PAYMENT_TIMEOUT: '-77',
      JOBS_TICK: 'never',
    };
    const problems = problemsOf(wrong);
    const { JWT_SECRET: _, ...named } = wrong;
    for (const name of Object.keys(named)) {
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
    }
    expect(problems).toHaveLength(Object.keys(named).length);
    const message = new ConfigError(problems).message;
    expect(message.split('\n')).toHaveLength(problems.length + 1);
    for (const value of Object.values(named)) expect(message).not.toContain(value);
  });

  it.each([
    ['sqlite:./x.sqlite', { kind: 'sqlite', location: './x.sqlite' }],
    ['sqlite:///var/x.sqlite', { kind: 'sqlite', location: '/var/x.sqlite' }],
    ['mysql://u:p@h:3306/db', { kind: 'mysql', location: 'mysql://u:p@h:3306/db' }],
    ['mariadb://u:p@h/db', { kind: 'mysql', location: 'mysql://u:p@h/db' }],
  ])('reads DATABASE_URL %s', (url, database) => {
    expect(loadConfig({ ...DEVELOPMENT, DATABASE_URL: url }).database).toMatchObject(database);
  });

  it.each(['sqlite:', 'mysql://h', 'mysql://h/', 'x', 'http://h/db'])('refuses DATABASE_URL %s', (url) => {
    expect(problemsOf({ ...DEVELOPMENT, DATABASE_URL: url })).toHaveLength(1);
  });

  it('makes a secret once outside production and keeps it for its owner alone', () => {
    const before = process.cwd();
    const folder = mkdtempSync(join(tmpdir(), 'livemall-config-'));
    process.chdir(folder);
    try {
      const { jwtSecret } = loadConfig({});
      expect(Buffer.byteLength(jwtSecret)).toBeGreaterThanOrEqual(32);
      expect(loadConfig({}).jwtSecret).toBe(jwtSecret);
      expect(readFileSync('data/jwt-secret', 'utf8')).toBe(jwtSecret);
      expect(statSync('data/jwt-secret').mode & 0o077).toBe(0);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });

  it('starts live outside production with the login variables alone; the pay variables are all or none', () => {
    const live = { ...DEVELOPMENT, WECHAT_APP_ID: 'wx1', WECHAT_APP_SECRET: 's' };
    expect(loadConfig(live).wechat).toMatchObject({ mode: 'live', pay: null, apiBase: 'https://api.weixin.qq.com' });
    expect(problemsOf({ ...live, WECHAT_PAY_MCH_ID: '1' }).map((problem) => problem.split(' ')[0])).toEqual([
      'WECHAT_PAY_SERIAL_NO',
      'WECHAT_PAY_PRIVATE_KEY',
      'WECHAT_PAY_API_V3_KEY',
      'WECHAT_PAY_NOTIFY_URL',
    ]);
  });

  it('lets production start with real credentials', () => {
    expect(problemsOf(PRODUCTION)).toEqual([]);
    expect(loadConfig(PRODUCTION)).toMatchObject({ production: true, seedDemo: false, linkv: null });
    expect(existsSync('data/jwt-secret-production')).toBe(false);
  });

  it('takes a PEM in one line, and several APIv3 keys while they change', () => {
    const oneLine = PEM.privateKey.replaceAll('\n', '\\n');
    const keys = `${PRODUCTION.WECHAT_PAY_API_V3_KEY},${'B'.repeat(32)}`;
    const { pay } = loadConfig({ ...PRODUCTION, WECHAT_PAY_PRIVATE_KEY: oneLine, WECHAT_PAY_API_V3_KEY: keys }).wechat;
    expect(pay).toMatchObject({ privateKey: PEM.privateKey, apiV3Keys: keys.split(',') });
  });

  describe('refuses production (security cases N1 to N4)', () => {
    it.each<[why: string, change: Environment, variable: string]>([
      ['without a JWT secret', { JWT_SECRET: undefined }, 'JWT_SECRET'],
      ['with a short one', { JWT_SECRET: 'aB3$xY9!kL2' }, 'JWT_SECRET'],
      ['with a repeated character', { JWT_SECRET: 'a'.repeat(64) }, 'JWT_SECRET'],
      ['with a repeated word', { JWT_SECRET: 'abcabcab'.repeat(8) }, 'JWT_SECRET'],
      ['with a known text', { JWT_SECRET: 'my-super-SECRET-key-0123456789-abcdef' }, 'JWT_SECRET'],
      ['with a known password', { JWT_SECRET: 'changeme-changeme-0123456789-xyzwvu' }, 'JWT_SECRET'],
      ['without an app id', { WECHAT_APP_ID: undefined }, 'WECHAT_APP_ID'],
      ['with an empty app secret', { WECHAT_APP_SECRET: '' }, 'WECHAT_APP_SECRET'],
      ['with an APIv3 key of 31 bytes', { WECHAT_PAY_API_V3_KEY: 'x'.repeat(31) }, 'WECHAT_PAY_API_V3_KEY'],
      ['without pay variables', { WECHAT_PAY_MCH_ID: undefined }, 'WECHAT_PAY_MCH_ID'],
      ['with something else than a key', { WECHAT_PAY_PRIVATE_KEY: '-----BEGIN X' }, 'WECHAT_PAY_PRIVATE_KEY'],
      ['with no certificate serial', { WECHAT_PAY_SERIAL_NO: 'serial' }, 'WECHAT_PAY_SERIAL_NO'],
      ['with half a public key', { WECHAT_PAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' }, 'WECHAT_PAY_PUBLIC_KEY_ID'],
      ['with a notify URL over http', { WECHAT_PAY_NOTIFY_URL: 'http://mall.example/n' }, 'WECHAT_PAY_NOTIFY_URL'],
      ['with a query in it', { WECHAT_PAY_NOTIFY_URL: 'https://mall.example/n?a' }, 'WECHAT_PAY_NOTIFY_URL'],
      ['with the simulator', { WECHAT_MODE: 'simulator' }, 'WECHAT_MODE'],
      ['with a foreign login host', { WECHAT_API_BASE: 'https://api.weixin.qq.com.evil.example' }, 'WECHAT_API_BASE'],
      ['with a foreign pay host', { WECHAT_PAY_BASE: 'http://127.0.0.1:3001' }, 'WECHAT_PAY_BASE'],
      ["with WeChat's host over http", { WECHAT_PAY_BASE: 'http://api.mch.weixin.qq.com' }, 'WECHAT_PAY_BASE'],
      ['with rate limits off', { RATE_LIMIT: 'off' }, 'RATE_LIMIT'],
      ['with demo data', { SEED_DEMO: 'true' }, 'SEED_DEMO'],
      ['with half a LinkV app', { LINKV_APP_ID: 'LM1', LINKV_APP_ALIAS: 'x' }, 'LINKV_APP_SECRET'],
      [
        'with the secret of the demo app',
        { LINKV_APP_ID: 'LM1', LINKV_APP_ALIAS: 'x', LINKV_APP_SECRET: 'da7293378d08afaf5e5fd541784ddf88' },
        'LINKV_APP_SECRET',
      ],
      [
        'with a weak LinkV secret',
        { LINKV_APP_ID: 'LM1', LINKV_APP_ALIAS: 'x', LINKV_APP_SECRET: '123456' },
        'LINKV_APP_SECRET',
      ],
    ])('%s, naming the variable and not its value', (_, change, variable) => {
      const problems = problemsOf({ ...PRODUCTION, ...change });
      expect(problems.map((problem) => problem.split(' ')[0])).toContain(variable);
      const values = Object.values(change).filter((value) => (value ?? '').length > 6);
      for (const value of values) expect(problems.join('\n')).not.toContain(value);
    });

    it('but for another host when it is explicitly allowed', () => {
      const proxy = { WECHAT_PAY_BASE: 'https://proxy.example', ALLOW_UNOFFICIAL_WECHAT_HOST: 'true' };
      expect(problemsOf({ ...PRODUCTION, ...proxy })).toEqual([]);
    });
  });
});
