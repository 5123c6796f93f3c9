import { beforeAll, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import { TestApp } from '../../support/app.js';
import { refusesStrangers } from '../../support/refusals.js';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { createTestDatabase } from '../../support/database.js';
import { LinkvClient } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

const HOUR = 3_600_000;

const clock = new TestClock();

describeMall('api-v1: partner apps of the open wire', { clock }, ({ app }) => {
  const first = partnerOf(app, clock);
  let root: string;
  let merchant: string;

  beforeAll(async () => {
    root = (await app.login('root', 7)).token;
    merchant = (await app.login('merchant', 3)).token;
  });

  const asRoot = async (path: string, body: object) => succeeded(await app.post(`/api/v1/linkv/${path}`, body, root));
  const addApp = async (channel: string): Promise<LinkvClient> => {
    const { app_id, secret } = (await asRoot('addApp', { name: 'Partner', channel })) as Record<string, string>;
    return new LinkvClient(app, { appId: app_id, secret, alias: channel }, clock);
  };

  it('is root’s alone', async () => {
    const calls = [
      () => app.post('/api/v1/linkv/addApp', { name: 'x', channel: 'x' }),
      () => app.post('/api/v1/linkv/rotateSecret', { app_id: 'x' }),
      () => app.post('/api/v1/linkv/disableApp', { app_id: 'x' }),
      () => app.get('/api/v1/linkv/apps'),
      () => app.get('/api/v1/linkv/user', { openId: '1' }),
    ];
    for (const call of calls) {
      await refusesStrangers(call);
      refused(await call().set('Authorization', `Bearer ${merchant}`), 403);
    }
  });

  it('adds an app that can call at once', async () => {
    const partner = await addApp('second');
    expect(partner.access.appId).toMatch(/^LM\d{22}$/);
    expect(partner.access.secret).toMatch(/^[0-9a-f]{32}$/);
    const uid = await partner.openId();
    accepted(await partner.orderSuccess(uid, 1, 5));
    refused(await app.post('/api/v1/linkv/addApp', { name: 'x', channel: 'second' }, root), 409);
    refused(await app.post('/api/v1/linkv/addApp', { name: '', channel: 'third' }, root), 400);
    refused(await app.post('/api/v1/linkv/addApp', { name: 'x' }, root), 400);
  });

  it('keeps each app to its own users, coins and request ids', async () => {
    const other = await addApp('other');
    const mine = await first.openId({ userId: 'shared' });
    const theirs = await other.openId({ userId: 'shared' });
    expect(theirs).not.toBe(mine);
    const same = { request_id: 'shared-request', order_id: 'shared-order', expriation: first.expriation() };
    accepted(await first.orderSuccess(mine, 1, 5, same));
    refusedOpen(await other.getUserTokens(mine), '400');
    refusedOpen(await other.changeGold(mine, 1, 5), '400');
    refusedOpen(await other.changeGold(mine, 2, 5), '400');
    refusedOpen(await other.orderSuccess(mine, 1, 5), '400');
    accepted(await other.orderSuccess(theirs, 1, 9, same));
    await expectCoins(app, first, mine, 5);
    await expectCoins(app, other, theirs, 9);
    const forged = new LinkvClient(app, { ...first.access, secret: other.access.secret }, clock);
    refusedOpen(await forged.getUserTokens(mine), '403');
  });

  it('rotates a secret: the old one is good for 24 hours, the one before it no more', async () => {
    const partner = await addApp('rotating');
    const uid = await partner.openId();
    const with_ = (secret: string) => new LinkvClient(app, { ...partner.access, secret }, clock);
    const rotate = async () =>
      (await asRoot('rotateSecret', { app_id: partner.access.appId })) as unknown as { secret: string };
    const second = with_((await rotate()).secret);
    accepted(await partner.getUserTokens(uid));
    accepted(await second.getUserTokens(uid));
    clock.advance(24 * HOUR - 1000);
    accepted(await partner.getUserTokens(uid));
    clock.advance(1000);
    refusedOpen(await partner.getUserTokens(uid), '403', 'sign err');
    const third = with_((await rotate()).secret);
    accepted(await second.getUserTokens(uid));
    accepted(await third.getUserTokens(uid));
    await rotate();
    refusedOpen(await second.getUserTokens(uid), '403', 'sign err');
    accepted(await third.getUserTokens(uid));
    refused(await app.post('/api/v1/linkv/rotateSecret', { app_id: 'LM0' }, root), 404);
  });

  describe('a rotation whose answer was lost', () => {
    const rotateAt = async (site: TestApp, app_id: string, key?: string): Promise<string> => {
      const call = site.post('/api/v1/linkv/rotateSecret', { app_id }, root);
      const reply = await (key === undefined ? call : call.set('Idempotency-Key', key));
      return (succeeded(reply) as { secret: string }).secret;
    };
    const signing = ({ access }: LinkvClient, secret: string): LinkvClient =>
      new LinkvClient(app, { ...access, secret }, clock);

    it('is repeated without a key: the same secret, and the one in use stays good', async () => {
      const partner = await addApp('lost');
      const uid = await partner.openId();
      const secret = await rotateAt(app, partner.access.appId);
      for (let again = 0; again < 3; again += 1) expect(await rotateAt(app, partner.access.appId)).toBe(secret);
      accepted(await partner.getUserTokens(uid));
      accepted(await signing(partner, secret).getUserTokens(uid));
    });

    it('is another one once the new secret has been used, or the old one has ended', async () => {
      const partner = await addApp('next');
      const uid = await partner.openId();
      const second = await rotateAt(app, partner.access.appId);
      accepted(await signing(partner, second).getUserTokens(uid));
      const third = await rotateAt(app, partner.access.appId);
      expect(third).not.toBe(second);
      refusedOpen(await partner.getUserTokens(uid), '403', 'sign err');
      accepted(await signing(partner, second).getUserTokens(uid));
      clock.advance(24 * HOUR);
      expect(await rotateAt(app, partner.access.appId)).not.toBe(third);
      accepted(await signing(partner, third).getUserTokens(uid));
    });

    it('is repeated under its key, even when the new secret is in use; another key is another rotation', async () => {
      const partner = await addApp('keyed');
      const uid = await partner.openId();
      const { appId } = partner.access;
      const secret = await rotateAt(app, appId, 'rotation-1');
      accepted(await signing(partner, secret).getUserTokens(uid));
      expect(await rotateAt(app, appId, 'rotation-1')).toBe(secret);
      accepted(await partner.getUserTokens(uid));
      const other = await addApp('keyed-too');
      const misused = app.post('/api/v1/linkv/rotateSecret', { app_id: other.access.appId }, root);
      refused(await misused.set('Idempotency-Key', 'rotation-1'), 409);
      expect(await rotateAt(app, appId, 'rotation-2')).not.toBe(secret);
      expect(await rotateAt(app, appId, 'rotation-3')).not.toBe(secret);
      refusedOpen(await partner.getUserTokens(uid), '403', 'sign err');
      refusedOpen(await signing(partner, secret).getUserTokens(uid), '403', 'sign err');
      expect(JSON.stringify(await app.rows('SELECT * FROM idempotency_keys'))).not.toContain(secret);
    });

    it('is one when asked for twenty times at once, at two instances', async () => {
      const beside = await app.beside();
      const partner = await addApp('at-once');
      const uid = await partner.openId();
      const { appId } = partner.access;
      for (const key of [undefined, 'at-once-1']) {
        const asked = Array.from({ length: 20 }, (_, index) => rotateAt(index % 2 ? beside : app, appId, key));
        const secrets = new Set(await Promise.all(asked));
        expect(secrets.size).toBe(1);
        for (const secret of secrets) accepted(await signing(partner, secret).getUserTokens(uid));
        if (key === undefined) accepted(await partner.getUserTokens(uid));
      }
      await beside.stop();
    });
  });

  it('disables an app at once, and nothing moves any more', async () => {
    const partner = await addApp('closing');
    const uid = await partner.openId();
    accepted(await partner.changeGold(uid, 1, 5));
    expect(await asRoot('disableApp', { app_id: partner.access.appId })).toEqual({});
    refusedOpen(await partner.getUserTokens(uid), '403');
    refusedOpen(await partner.changeGold(uid, 2, 5), '403');
    await asRoot('disableApp', { app_id: partner.access.appId });
    refused(await app.post('/api/v1/linkv/disableApp', { app_id: 'LM0' }, root), 404);
    const reply = await app.get('/api/v1/linkv/user', { openId: uid }, root);
    expect(succeeded(reply)).toMatchObject({ tokens: 5 });
  });

  it('lists the apps without their secrets', async () => {
    const listed = await addApp('listed');
    const { apps } = succeeded(await app.get('/api/v1/linkv/apps', {}, root)) as { apps: Record<string, unknown>[] };
    expect(apps.find((one) => one['app_id'] === listed.access.appId)).toEqual({
      app_id: listed.access.appId,
      name: 'Partner',
      channel: 'listed',
      disabled: false,
      previousSecretUntil: 0,
      createTime: listed.seconds,
    });
    expect(apps.map((one) => one['app_id'])).toContain(first.access.appId);
    const page = succeeded(await app.get('/api/v1/linkv/apps', { from: 1, length: 1 }, root)) as { apps: unknown[] };
    expect(page.apps).toEqual([apps[1]]);
    refused(await app.get('/api/v1/linkv/apps', { length: 0 }, root), 400);
  });

  it('shows root a user and the lots', async () => {
    const uid = await first.openId({ userId: 'shown' });
    accepted(await first.orderSuccess(uid, 1, 500));
    accepted(await first.changeGold(uid, 2, 200));
    expect(succeeded(await app.get('/api/v1/linkv/user', { openId: uid }, root))).toEqual({
      openId: uid,
      app_id: first.access.appId,
      userId: 'shown',
      tokens: 300,
      lots: [{ value: 500, remaining: 300, expiresAt: Number(first.expriation()) }],
    });
    refused(await app.get('/api/v1/linkv/user', { openId: '1' }, root), 404);
    refused(await app.get('/api/v1/linkv/user', {}, root), 400);
  });

  it('keeps no secret in clear', async () => {
    const partner = await addApp('sealed');
    await asRoot('rotateSecret', { app_id: partner.access.appId });
    const stored = JSON.stringify(await app.rows('SELECT * FROM linkv_apps'));
    for (const { secret } of [partner.access, first.access]) expect(stored).not.toContain(secret);
  });
});

describe('open: the first app, from the environment', () => {
  const env = { LINKV_APP_ID: 'LM1', LINKV_APP_SECRET: 'Hk3vT9qLz7Xw2Rb8Nc5Yd1Jm6Gp4Sf0A', LINKV_APP_ALIAS: 'one' };

  it('keeps a rotated secret over a restart, and takes a new one from the environment as a rotation', async () => {
    const database = await createTestDatabase();
    const restarted = (more: Record<string, string> = {}) => TestApp.start({ database, env: { ...env, ...more } });
    try {
      let app = await restarted();
      const original = partnerOf(app);
      const uid = await original.openId();
      const root = (await app.login('root', 7)).token;
      const reply = await app.post('/api/v1/linkv/rotateSecret', { app_id: 'LM1' }, root);
      const { secret } = succeeded(reply) as { secret: string };
      await app.stop();

      app = await restarted();
      accepted(await new LinkvClient(app, { ...original.access, secret }).getUserTokens(uid));
      await app.stop();

      app = await restarted({ LINKV_APP_SECRET: 'Qw8rT2yU5iO1pA7sD3fG9hJ4kL6zX0cV', LINKV_APP_ALIAS: 'uno' });
      accepted(await partnerOf(app).orderSuccess(uid, 1, 5));
      accepted(await new LinkvClient(app, { ...original.access, secret }).getUserTokens(uid));
      refusedOpen(await new LinkvClient(app, original.access).getUserTokens(uid), '403');
      await app.stop();

      app = await restarted({ JWT_SECRET: 'Zx9cV3bN7mQ1wE5rT8yU2iO6pA4sD0fG' });
      const again = (await app.login('root')).token;
      const rotated = await app.post('/api/v1/linkv/rotateSecret', { app_id: 'LM1' }, again);
      expect(succeeded(rotated)['secret']).not.toBe(env.LINKV_APP_SECRET);
      accepted(await partnerOf(app).getUserTokens(uid));
      await app.stop();
    } finally {
      await database.drop();
    }
  });
});
