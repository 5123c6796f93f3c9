import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { describeMall } from '../../support/stage.js';
import { EVIL, hostile, startSession } from '../../support/browsers.js';
import { freshPhone, PASSWORD, sessionCookieOf, WEB_ENV, WebClient } from '../../support/web.js';

const LISTED = 'https://shop.example';

describeMall('web: browser rules of state-changing routes', { env: { ...WEB_ENV, WEB_ORIGINS: LISTED } }, ({ app }) => {
  it('let our own page, the mini program, apps and curl sign in and up', async () => {
    for (const [name, headers] of startSession(app.url)) {
      const signin = await new WebClient(app).get('/account/signin', { code: 'demo-startSession' }, headers);
      expect([name, signin.body.code]).toEqual([name, 0]);
      const signup = await new WebClient(app).post(
        '/account/signup',
        { phone: freshPhone(), password: PASSWORD },
        headers,
      );
      expect([name, signup.body.code]).toEqual([name, 0]);
    }
  });

  it('refuse other pages, navigation and prefetch at signin and signup: HTTP 200, 10001, no cookie, no account', async () => {
    for (const [name, headers] of hostile(app.url)) {
      const signin = await new WebClient(app).get('/account/signin', { code: 'demo-hostile' }, headers);
      expect([name, signin.status, signin.body.code, sessionCookieOf(signin)]).toEqual([name, 200, 10001, null]);
      for (const send of ['post', 'form'] as const) {
        const signup = await new WebClient(app)[send](
          '/account/signup',
          { phone: '13700000001', password: PASSWORD },
          headers,
        );
        expect([name, signup.status, signup.body.code, sessionCookieOf(signup)]).toEqual([name, 200, 10001, null]);
      }
    }
    expect(await app.rows('SELECT id FROM users WHERE phone = ?', ['13700000001'])).toEqual([]);
  });

  it('keep a session alive when another site asks for the signout', async () => {
    const client = await WebClient.signUp(app);
    for (const [name, headers] of hostile(app.url)) {
      const reply = await client.get('/account/signout', {}, headers);
      expect([name, reply.body.code, sessionCookieOf(reply)]).toEqual([name, 10001, null]);
    }
    expect((await client.get('/user')).body.code).toBe(0);
  });

  it('leave reads alone', async () => {
    const client = await WebClient.signUp(app);
    for (const [, headers] of hostile(app.url)) expect((await client.get('/user', {}, headers)).body.code).toBe(0);
  });

  it('ignore method overrides', async () => {
    const headers = { 'X-HTTP-Method-Override': 'POST', 'X-Method-Override': 'POST', 'X-HTTP-Method': 'POST' };
    const reply = await new WebClient(app).get(
      '/account/signup',
      { phone: freshPhone(), password: PASSWORD, _method: 'POST' },
      headers,
    );
    expect([reply.status, reply.body.code]).toEqual([404, 10001]);
  });

  it('hold in any letter case of the path', async () => {
    const reply = await new WebClient(app).get(
      '/Account/SIGNIN/',
      { code: 'demo-case' },
      { 'Sec-Fetch-Site': 'cross-site' },
    );
    expect([reply.body.code, sessionCookieOf(reply)]).toEqual([10001, null]);
  });

  it("let a program through whose HTTP client names a mode and no site, as Node's fetch does", async () => {
    const body = { phone: freshPhone(), password: PASSWORD };
    const reply = await new WebClient(app).post('/account/signup', body, { 'Sec-Fetch-Mode': 'cors' });
    expect(reply.body.code).toBe(0);
    for (const [name, value] of [
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-Dest', 'image'],
    ]) {
      const refusal = await new WebClient(app).get('/account/signin', { code: 'demo-mode' }, { [name]: value });
      expect([refusal.body.code, sessionCookieOf(refusal)]).toEqual([10001, null]);
    }
  });

  describe('for pages of WEB_ORIGINS', () => {
    const script = {
      'Sec-Fetch-Site': 'same-site',
      'Sec-Fetch-Mode': 'cors',
      'Sec-Fetch-Dest': 'empty',
      Origin: LISTED,
    };

    it('let their scripts act, not their links, and let them read the answer', async () => {
      const client = await WebClient.signUp(app);
      const reply = await client.get('/account/signout', {}, { ...script, 'Sec-Fetch-Mode': 'navigate' });
      expect(reply.body.code).toBe(10001);
      const signup = await new WebClient(app).post(
        '/account/signup',
        { phone: freshPhone(), password: PASSWORD },
        script,
      );
      expect(signup.body.code).toBe(0);
      expect(signup.headers).toMatchObject({
        'access-control-allow-origin': LISTED,
        'access-control-allow-credentials': 'true',
      });
      expect(signup.headers['vary']).toMatch(/Origin/);
    });

    it('answer their preflight', async () => {
      const reply = await request(app.url).options('/account/signup').set({
        Origin: LISTED,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      });
      expect(reply.status).toBe(204);
      expect(reply.headers).toMatchObject({
        'access-control-allow-origin': LISTED,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key',
      });
    });

    it('reflect no other Origin, neither to a preflight nor to a simple request', async () => {
      for (const origin of [EVIL, 'null', `${LISTED}.evil.example`, LISTED.toUpperCase(), `${LISTED}, ${EVIL}`]) {
        const preflight = await request(app.url)
          .options('/account/signup')
          .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
        const simple = await request(app.url).get('/user').set('Origin', origin);
        for (const { headers } of [preflight, simple]) {
          expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        }
      }
    });
  });

  it('come with the headers of docs/security.md 2.8 on every reply', async () => {
    for (const reply of [await new WebClient(app).get('/user'), await new WebClient(app).get('/nowhere')]) {
      expect(reply.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
      expect(reply.headers['x-powered-by']).toBeUndefined();
    }
  });
});
