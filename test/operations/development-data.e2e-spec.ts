import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seedDemo } from '../../src/demo/seed-demo.js';
import { UsersService } from '../../src/modules/users/users.service.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { refused, succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { LinkvClient } from '../support/linkv-client.js';
import { accepted, partnerOf, refusedOpen } from '../support/open.js';
import { PRODUCTION_ENV } from '../support/production.js';
import { startTestSimulator } from '../support/simulator.js';
import { WebClient } from '../support/web.js';

const SECRET = PRODUCTION_ENV.JWT_SECRET;
const OTHER_SECRET = 'Zx9cV3bN7mQ1wE5rT8yU2iO6pA4sD0fG';
const LINKV_SECRET = 'Hk3vT9qLz7Xw2Rb8Nc5Yd1Jm6Gp4Sf0A';
const WARN = 40;

type Env = Record<string, string>;

describe('N10: a production start on a database that was used in development', () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let app: TestApp | null = null;

  beforeEach(async () => {
    database = await createTestDatabase();
    simulator = await startTestSimulator();
  });
  afterEach(async () => {
    await app?.stop();
    app = null;
    await simulator.close();
    await database.drop();
  });

  async function restarted(env: Env, logs: string[] = []): Promise<TestApp> {
    await app?.stop();
    app = await TestApp.start({ database, simulator, logs, env: { LOG_LEVEL: 'warn', ...env } });
    return app;
  }

  /** Everything that development lets somebody have. */
  async function develop(env: Env = {}) {
    const development = await restarted({ JWT_SECRET: SECRET, ...env });
    await seedDemo(development.app);
    const root = await development.login('root');
    const { refreshToken } = await development.login('root');
    const browser = new WebClient(development);
    expect((await browser.get('/account/signin', { code: 'demo-root' })).body.code).toBe(0);
    const access = { ...partnerOf(development).access };
    const uid = await new LinkvClient(development, access).openId();
    return { root, refreshToken, cookie: browser.cookie, access, uid };
  }

  const warningsIn = (logs: readonly string[]): string[] =>
    logs
      .map((line) => JSON.parse(line) as { level: number; msg?: string })
      .flatMap(({ level, msg }) => (level === WARN && msg !== undefined ? [msg] : []));

  const produce = (env: Env = {}, logs: string[] = []) => restarted({ ...PRODUCTION_ENV, ...env }, logs);

  describe.each([
    ['with the same secret', {}, {}],
    ['with another secret', {}, { JWT_SECRET: OTHER_SECRET }],
    [
      'with the same app id as development',
      { WECHAT_APP_ID: PRODUCTION_ENV.WECHAT_APP_ID, WECHAT_MODE: 'simulator' },
      {},
    ],
  ] as [string, Env, Env][])('%s', (_, before, after) => {
    it('takes no token, no cookie and no code of its people', async () => {
      const { root, refreshToken, cookie } = await develop(before);
      const production = await produce(after);
      refused(await production.post('/api/v1/user/refresh', { refreshToken }), 401, 'invalid token');
      expect((await production.post('/liveuser/Wx/RenewToken', { refresh_token: refreshToken })).status).toBe(401);
      const grant = { userId: root.id, asset: 'CNY', amount: 1, reason: 'x' };
      refused(await production.get('/api/v1/user/profile', {}, root.token), 401, 'invalid token');
      refused(await production.post('/api/v1/wallet/grant', grant, root.token), 401, 'invalid token');
      expect((await production.get('/user').set('Cookie', `session=${cookie}`)).body.code).toBe(10003);
      const living = await production.rows('SELECT id FROM users WHERE permission > 0');
      expect(living).toEqual([]);
      if (before['WECHAT_APP_ID'] === undefined) return;
      refused(await production.get('/api/v1/user/code', { code: 'demo-root' }), 403, 'this account is disabled');
    });

    it('sells none of its products', async () => {
      await develop(before);
      const production = await produce(after);
      const { products } = succeeded(await production.get('/api/v1/product/homeTab', { from: 0, length: 100 }));
      expect(products).toEqual([]);
    });

    it('lets its coin app mint nothing', async () => {
      const { access, uid } = await develop(before);
      const production = await produce(after);
      const partner = new LinkvClient(production, access);
      refusedOpen(await partner.changeGold(uid, 1, 1_000_000), '403');
      refusedOpen(await partner.orderSuccess(uid, 1, 1_000_000), '403');
      expect(await production.rows('SELECT disabled_at FROM linkv_apps WHERE disabled_at IS NULL')).toEqual([]);
      expect(await production.rows('SELECT id FROM gold_lots')).toEqual([]);
    });

    it('says once in the log what it has ended', async () => {
      await develop(before);
      const [first, second]: string[][] = [[], []];
      await produce(after, first);
      const warnings = warningsIn(first);
      expect(warnings).toEqual([
        expect.stringContaining('used in development: 3 accounts'),
        expect.stringContaining('partner app LM6000101140927991745433'),
      ]);
      await produce(after, second);
      expect(warningsIn(second)).toEqual([]);
    });
  });

  it('leaves the people of production alone', async () => {
    const production = await produce();
    const code = simulator.control.issueLoginCode({ openid: 'oLVPpjqs9BhvzwPj5A-vTYAX3GLc' });
    const { token } = succeeded(await production.get('/api/v1/user/code', { code })) as { token: string };
    const { userId } = succeeded(await production.get('/api/v1/user/profile', {}, token)) as { userId: number };
    await production.app.get(UsersService).setPermission(userId, 7);
    const again = await produce();
    expect(succeeded(await again.get('/api/v1/user/profile', {}, token))).toMatchObject({ userId, permission: 7 });
  });

  it('takes the secret of no partner that production would refuse, not even for the hours after a change', async () => {
    const named = { LINKV_APP_ID: 'LM1', LINKV_APP_ALIAS: 'one' };
    const { access, uid } = await develop({ ...named, LINKV_APP_SECRET: '123456' });
    const abandoned = await produce();
    refusedOpen(await new LinkvClient(abandoned, access).changeGold(uid, 1, 5), '403');

    await restarted({ JWT_SECRET: SECRET });
    const demo = { ...partnerOf(app!).access };
    const owner = await new LinkvClient(app!, demo).openId();
    const own = { LINKV_APP_ID: demo.appId, LINKV_APP_ALIAS: 'own', LINKV_APP_SECRET: LINKV_SECRET };
    const taken = await produce(own);
    refusedOpen(await new LinkvClient(taken, { ...demo, alias: 'own' }).changeGold(owner, 1, 5), '403');
  });

  it('goes on with the demo app’s id where production has given it a secret of its own', async () => {
    const { access, uid } = await develop();
    const own = { LINKV_APP_ID: access.appId, LINKV_APP_ALIAS: 'own', LINKV_APP_SECRET: LINKV_SECRET };
    const production = await produce(own);
    accepted(await partnerOf(production).changeGold(uid, 1, 5));
  });
});
