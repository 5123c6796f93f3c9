import { expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import pino from 'pino';
import request from 'supertest';
import { createServer } from '../../../src/server.js';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { PASSWORD, sessionCookieOf, WEB_ENV, WebClient } from '../../support/web.js';

const TTL = 1000;

const clock = new TestClock();

describeMall('web: cookie sessions', { env: { ...WEB_ENV, SESSION_TTL: String(TTL) }, clock }, ({ app }) => {
  const userWith = (header: string) => request(app.url).get('/user').set('Cookie', header);

  it('carry the documented flags and no Domain', async () => {
    const reply = await new WebClient(app).get('/account/signin', { code: 'demo-flags' });
    const { value, attributes } = sessionCookieOf(reply)!;
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/']));
    expect(attributes.some((flag) => /^domain/i.test(flag))).toBe(false);
    expect(attributes).not.toContain('Secure');
  });

  it('carry Secure in production, when they are set and when they are cleared', async () => {
    const server = await createServer({ ...app.config, production: true }, clock, pino({ level: 'silent' }));
    try {
      await server.listen(0, '127.0.0.1');
      const ask = (path: string) => request(server.getHttpServer()).get(path);
      for (const path of ['/account/signin?code=demo-production', '/account/signout']) {
        const { attributes } = sessionCookieOf(await ask(path))!;
        expect(attributes).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']));
      }
    } finally {
      await server.close();
    }
  });

  it('are kept as a digest only, to which nobody comes from the cookie without the server’s secret', async () => {
    const { cookie, userId } = await WebClient.signUp(app);
    const rows = await app.rows<{ id: string }>('SELECT id FROM login_sessions WHERE user_id = ?', [userId]);
    expect(rows).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(rows).not.toEqual([{ id: createHash('sha256').update(cookie).digest('hex') }]);
  });

  it('are nobody’s under another server secret', async () => {
    const client = await WebClient.signUp(app);
    const moved = await app.beside({ env: { ...WEB_ENV, JWT_SECRET: 'aN0ther-Installation-Secret-2b9d8f7e6c5' } });
    const reply = await request(moved.url).get('/user').set('Cookie', `session=${client.cookie}`);
    await moved.stop();
    expect(reply.body.code).toBe(10003);
    expect((await client.get('/user')).body.code).toBe(0);
  });

  it('are not cached by anybody', async () => {
    const client = await WebClient.signUp(app);
    const { headers } = await client.get('/user');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['vary']).toMatch(/Cookie/);
  });

  it('get a new value at each login; a value that the client brought is not a session', async () => {
    const client = await WebClient.signUp(app);
    const planted = 'A'.repeat(43);
    const other = new WebClient(app);
    other.cookie = planted;
    await other.post('/account/login', { phone: client.phone, password: PASSWORD });
    expect(other.cookie).not.toBe(planted);
    expect((await userWith(`session=${planted}`)).body.code).toBe(10003);
  });

  it('end when the same browser logs in again', async () => {
    const client = await WebClient.signUp(app);
    const before = client.cookie;
    await client.post('/account/login', { phone: client.phone, password: PASSWORD });
    expect(client.cookie).not.toBe(before);
    expect((await userWith(`session=${before}`)).body.code).toBe(10003);
    expect((await client.get('/user')).body.code).toBe(0);
  });

  it('live side by side on several devices', async () => {
    const first = await WebClient.signUp(app);
    const second = new WebClient(app);
    await second.post('/account/login', { phone: first.phone, password: PASSWORD });
    expect((await first.get('/user')).body.code).toBe(0);
    expect((await second.get('/user')).body.code).toBe(0);
  });

  it('are dead for a thief after signout', async () => {
    const client = await WebClient.signUp(app);
    const stolen = client.cookie;
    expect((await userWith(`session=${stolen}`)).body.code).toBe(0);
    await client.get('/account/signout');
    expect((await userWith(`session=${stolen}`)).body.code).toBe(10003);
  });

  it('answer 10003 for whatever is not exactly the value', async () => {
    const { cookie, userId } = await WebClient.signUp(app);
    const flipped = Array.from(cookie, (character, index) => {
      const other = character === 'x' ? 'y' : 'x';
      return cookie.slice(0, index) + other + cookie.slice(index + 1);
    });
    const hash = createHash('sha256').update(cookie).digest('hex');
    for (const value of [...flipped, '', '1', String(userId), hash, cookie + 'a', cookie.slice(1), 'a'.repeat(8000)]) {
      const reply = await userWith(`session=${value}`);
      expect([reply.status, reply.body.code]).toEqual([200, 10003]);
    }
  });

  it('are none when two cookies have the name', async () => {
    const { cookie } = await WebClient.signUp(app);
    for (const header of [
      `session=${cookie}; session=${cookie}`,
      `session=x; session=${cookie}`,
      `session=${cookie}; session=`,
    ]) {
      expect((await userWith(header)).body.code).toBe(10003);
    }
    expect((await userWith(`a=1; session=${cookie}; sessions=2`)).body.code).toBe(0);
  });

  it('are no Bearer tokens, and tokens are no cookies', async () => {
    const { cookie } = await WebClient.signUp(app);
    const { token, refreshToken } = await app.login('not-a-cookie');
    expect((await app.get('/user', {}, cookie)).body.code).toBe(10003);
    expect((await userWith(`session=${token}`)).body.code).toBe(10003);
    expect((await userWith(`session=${refreshToken}`)).body.code).toBe(10003);
  });

  it('slide: they end one life after the last use', async () => {
    const client = await WebClient.signUp(app);
    for (let use = 0; use < 5; use += 1) {
      clock.advance((TTL - 200) * 1000);
      expect((await client.get('/user')).body.code).toBe(0);
    }
    clock.advance(TTL * 1000 + 1);
    expect((await client.get('/user')).body.code).toBe(10003);
  });

  it('are dead when the account is disabled, and stay dead when it is enabled again', async () => {
    const root = await app.login('sessions-root', 7);
    const client = await WebClient.signUp(app);
    const { token, id } = await app.login('disabled-and-enabled');
    const reply = await app.get('/api/v1/user/code', { code: 'demo-disabled-and-enabled' });
    const refreshToken = String(reply.body.data.refreshToken);
    for (const userId of [client.userId, id]) {
      for (const permission of [0, 1]) {
        await app.post('/api/v1/user/modifyPermission', { userId, permission }, root.token).expect(200);
        expect((await client.get('/user')).body.code).toBe(10003);
      }
    }
    expect((await app.get('/user', {}, token)).body.code).toBe(10003);
    await app.post('/api/v1/user/refresh', { refreshToken }).expect(401);
  });

  it('are seen by another instance, and their end within a second', async () => {
    const second = await app.beside({ env: { ...WEB_ENV, SESSION_TTL: String(TTL) } });
    try {
      const client = await WebClient.signUp(app);
      const there = () => request(second.url).get('/user').set('Cookie', `session=${client.cookie}`);
      expect((await there()).body.code).toBe(0);
      const stolen = client.cookie;
      await client.get('/account/signout');
      clock.advance(1000);
      expect((await request(second.url).get('/user').set('Cookie', `session=${stolen}`)).body.code).toBe(10003);
    } finally {
      await second.stop();
    }
  });
});
