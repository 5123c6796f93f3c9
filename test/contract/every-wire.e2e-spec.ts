import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { describeMall } from '../support/stage.js';
import { TestClock } from '../support/clock.js';

interface Wire {
  readonly name: string;
  /** A POST route that takes a body. */
  readonly post: string;
  /** A GET route. */
  readonly get: string;
  /** A path of the wire that is no route. */
  readonly unknown: string;
  /** A route that needs a login; null on the wire that signs its requests. */
  readonly guarded: readonly ['get' | 'post', string] | null;
  /** What a refusal with this HTTP status elsewhere looks like here. */
  readonly refusal: (status: number) => { readonly status: number; readonly body: object };
}

const text = expect.stringMatching(/./);
const WEB_CODE: Readonly<Record<number, number>> = { 400: 10005, 413: 10005, 415: 10005, 401: 10003 };
const LIVEUSER_ID: Readonly<Record<number, string>> = {
  400: 'error-bad-request',
  401: 'error-unauthorized',
  404: 'error-not-found',
  413: 'error-too-large',
  415: 'error-unsupported',
  500: 'error-internal',
};
const OPEN_STATUS: Readonly<Record<number, string>> = { 401: '403', 500: '500' };

const WIRES: readonly Wire[] = [
  {
    name: 'api-v1',
    post: '/api/v1/search',
    get: '/api/v1/user/code',
    unknown: '/api/v1/order/nothing',
    guarded: ['get', '/api/v1/user/profile'],
    refusal: (status) => ({ status, body: { success: false, info: text, data: null } }),
  },
  {
    name: 'liveuser',
    post: '/liveuser/Wx/Login',
    get: '/liveuser/Wx/Login',
    unknown: '/liveuser/Wx/Nothing',
    guarded: ['post', '/liveuser/User/Get'],
    refusal: (status) => ({ status, body: { id: LIVEUSER_ID[status], code: status, detail: text, status: text } }),
  },
  {
    name: 'web',
    post: '/account/login',
    get: '/user',
    unknown: '/nothing/here',
    guarded: ['get', '/user'],
    refusal: (status) => ({
      status: [404, 500].includes(status) ? status : 200,
      body: { code: WEB_CODE[status] ?? 10001, msg: text },
    }),
  },
  {
    name: 'open',
    post: '/open/finanv0/changeGold',
    get: '/open/finanv0/getUserTokens',
    unknown: '/open/finanv0/nothing',
    guarded: null,
    refusal: (status) => ({ status: 200, body: { status: OPEN_STATUS[status] ?? '400', msg: text } }),
  },
];

/** The open wire sends its JSON as text on purpose. */
const bodyOf = (reply: Response): unknown => (reply.type === 'text/plain' ? JSON.parse(reply.text) : reply.body);

const clock = new TestClock();

describeMall('whatever a client sends comes out in the envelope of its wire', { clock }, ({ app }) => {
  describe.each(WIRES)('$name', (wire) => {
    const refuses = (reply: Response, status: number): void => {
      expect({ status: reply.status, body: bodyOf(reply) }).toEqual(wire.refusal(status));
      expect(reply.headers['content-type']).toMatch(wire.name === 'open' ? /^text\/plain/ : /^application\/json/);
      expect(reply.text).not.toMatch(/node_modules|SELECT|Error:|at .*\.[jt]s/);
    };
    const post = (type = 'application/json') => request(app.url).post(wire.post).set('Content-Type', type);

    it.each(['{', '{"a":1', '{"a":}', "{'a':1}", 'null', '"text"', '1', '[]', '[{"a":1}]', '\ufeff{'])(
      'refuses a body that is no JSON object: %s',
      async (body) => refuses(await post().send(body), 400),
    );

    it('takes an empty body for {}, whatever its type says', async () => {
      const [bare, typed, plain] = [request(app.url).post(wire.post), post().send(''), post('text/plain').send('')];
      const replies = [await bare, await typed, await plain].map(bodyOf);
      expect(replies[1]).toEqual(replies[0]);
      expect(replies[2]).toEqual(replies[0]);
    });

    it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/octet-stream', 'x'])(
      'refuses the content type %s',
      async (type) => refuses(await post(type).send('{"key":"x"}'), 415),
    );

    it('refuses character sets and encodings that it does not know', async () => {
      refuses(await post('application/json; charset=gbk').send('{}'), 415);
      refuses(await post().set('Content-Encoding', 'zip').send('{}'), 415);
      refuses(await post().set('Content-Encoding', 'gzip').send('{}'), 400);
    });

    it('refuses a body over 1 MiB, as JSON, as a form, in chunks and unpacked', async () => {
      const big = 'x'.repeat(1024 * 1024);
      refuses(await post().send(`{"key":"${big}"}`), 413);
      refuses(await post('application/x-www-form-urlencoded').send(`key=${big}`), 413);
      refuses(await chunked(app.url + wire.post, `{"key":"${big}${big}"}`), 413);
      const packed = post().set('Content-Encoding', 'gzip');
      packed.write(gzipSync(`{"key":"${'x'.repeat(50 * 1024 * 1024)}"}`));
      refuses(await packed, 413);
    });

    it('refuses JSON that is 50 000 levels deep, also under an Idempotency-Key', async () => {
      for (const deep of ['['.repeat(50_000) + ']'.repeat(50_000), '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)]) {
        for (const key of ['', 'deep']) {
          const reply = await post()
            .set(key ? { 'Idempotency-Key': key } : {})
            .send(`{"key":${deep}}`);
          expect([200, 400, 401]).toContain(reply.status);
          expect(bodyOf(reply)).toEqual(wire.refusal(400).body);
        }
      }
    });

    it('refuses a form with more than 1000 parameters', async () => {
      const form = Array.from({ length: 1001 }, (_, index) => `a${index}=1`).join('&');
      refuses(await post('application/x-www-form-urlencoded').send(form), 413);
    });

    it('does not know paths that are no route, with any method', async () => {
      for (const method of ['get', 'post', 'put', 'delete', 'patch'] as const) {
        refuses(await request(app.url)[method](wire.unknown), 404);
      }
      refuses(await request(app.url).post(wire.unknown).set('Content-Type', 'application/json').send('{'), 400);
    });

    it('does not know known paths with a wrong method', async () => {
      for (const method of ['put', 'delete', 'patch'] as const) {
        refuses(await request(app.url)[method](wire.post), 404);
      }
    });

    it('refuses a path that cannot be decoded', async () => {
      refuses(await request(app.url).get(`${wire.unknown}/%E0%A4%A`), 404);
      expect((await request(app.url).get(`${wire.get}/%zz`)).status).toBe(wire.refusal(404).status);
    });

    it('knows its paths in any letter case, never without their guard', async () => {
      refuses(await request(app.url).get(wire.unknown.toUpperCase()), 404);
      if (!wire.guarded) return;
      const [method, path] = wire.guarded;
      for (const spelling of [path, path.toUpperCase(), path.toLowerCase(), `${path}/`]) {
        refuses(await request(app.url)[method](spelling), 401);
      }
    });

    it('lets no spelling of a guarded path through', async () => {
      if (!wire.guarded) return;
      const [method, path] = wire.guarded;
      const odd = [`/${path}`, `${path}/.`, `${path}.`, `${path};x`, `${path}%2f`, `/x/..${path}`, `${path}/%2e`];
      for (const spelling of odd) {
        const reply = await request(app.url)[method](spelling);
        expect([wire.refusal(401).status, 401, 404]).toContain(reply.status);
        expect(reply.text).not.toContain('"success":true');
      }
    });

    it('ignores method-override headers', async () => {
      for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
        refuses(await request(app.url).put(wire.post).set(name, 'POST').send({}), 404);
      }
      const original = request(app.url)
        .get(wire.unknown)
        .set('X-Original-URL', wire.get)
        .set('X-Rewrite-URL', wire.get);
      refuses(await original, 404);
    });

    it('sends the headers of an API with successes and failures', async () => {
      for (const reply of [await post().send('{'), await request(app.url).get(wire.unknown), await post().send('{}')]) {
        expect(reply.headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
          'cache-control': 'no-store',
          'x-request-id': expect.stringMatching(/^[\w-]+$/),
        });
        for (const absent of ['x-powered-by', 'server', 'etag', 'access-control-allow-origin']) {
          expect(reply.headers[absent]).toBeUndefined();
        }
        expect(reply.headers['strict-transport-security']).toBeUndefined();
      }
    });

    it('never answers HEAD by running the GET', async () => {
      const loginCalls = app.simulator.control.calls('jscode2session').length;
      const reply = await request(app.url).head(wire.get).query({ code: 'demo-head' });
      expect(reply.status).toBe(wire.name === 'web' ? 405 : wire.refusal(404).status);
      expect(app.simulator.control.calls('jscode2session')).toHaveLength(loginCalls);
    });

    it('wraps a failure inside the guard without a word of SQL', async () => {
      if (!wire.guarded) return;
      const [method, path] = wire.guarded;
      const { token } = await app.login(`guard-${wire.name}`);
      clock.advance(1000);
      await app.tamper('ALTER TABLE login_sessions RENAME TO login_sessions_away');
      try {
        refuses(await request(app.url)[method](path).set('Authorization', `Bearer ${token}`), 500);
      } finally {
        await app.tamper('ALTER TABLE login_sessions_away RENAME TO login_sessions');
      }
    });
  });
});

async function chunked(url: string, body: string): Promise<Response> {
  const sending = request(url).post('').set('Content-Type', 'application/json').set('Transfer-Encoding', 'chunked');
  sending.write(body);
  return sending;
}
