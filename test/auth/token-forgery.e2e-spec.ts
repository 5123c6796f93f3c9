import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { describeMall } from '../support/stage.js';
import { TestClock } from '../support/clock.js';

type Claims = Record<string, unknown>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;

function hmacToken(claims: Claims, secret: string | Buffer, header: object = {}, digest = 'sha256'): string {
  const content = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${content}.${createHmac(digest, secret).update(content).digest('base64url')}`;
}

const clock = new TestClock();

describeMall('forged and foreign tokens (security cases B1 to B13)', { clock }, ({ app, loggedIn }) => {
  const user = loggedIn('victim', 7);
  let secret: string;
  let claims: Claims;
  let listener: Server;
  let callsToListener = 0;

  beforeAll(async () => {
    secret = app.config.jwtSecret;
    claims = claimsOf(user.token);
    listener = createServer((_, response) => {
      callsToListener += 1;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
  });
  afterAll(async () => {
    listener.close();
    await app.stop();
  });

  const validate = (token: string) => app.get('/api/v1/user/validate', {}, token);
  const isForged = async (token: string) => refused(await validate(token), 401, 'invalid token');

  it('control: a token signed here with the right secret and the same claims is good', async () => {
    succeeded(await validate(hmacToken(claims, secret)));
  });

  it('B1: refuses "alg none" in every spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
      const content = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`;
      await isForged(`${content}.`);
      await isForged(`${content}.${user.token.split('.')[2]}`);
    }
  });

  it('B1: refuses tokens signed with guessable secrets and with every text of the example file', async () => {
    const examples = readFileSync('.env.example', 'utf8').match(/[^\s=#,]+/g) ?? [];
    const guesses = ['secret', '123456', '', 'changeme', 'livemall', 'HS256', ...examples];
    for (const guess of new Set(guesses)) await isForged(hmacToken(claims, guess));
  });

  it('B1: refuses other algorithms, keyed with what an attacker has', async () => {
    await isForged(hmacToken(claims, secret, { alg: 'HS384' }, 'sha384'));
    await isForged(hmacToken(claims, secret, { alg: 'HS512' }, 'sha512'));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const content = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
    await isForged(`${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`);
  });

  it('B1: refuses a token in which any one character was changed', async () => {
    for (let index = 0; index < user.token.length; index += 7) {
      const flipped = user.token[index] === 'A' ? 'B' : 'A';
      if (user.token[index] !== '.') await isForged(user.token.slice(0, index) + flipped + user.token.slice(index + 1));
    }
  });

  it('B2: refuses a token that expired 61 seconds ago', async () => {
    const now = Math.floor(clock.now() / 1000);
    await isForged(hmacToken({ ...claims, exp: now - 61 }, secret));
    const old = await app.login('old');
    clock.advance(31 * 86_400_000);
    await isForged(old.token);
    clock.advance(-31 * 86_400_000);
    succeeded(await validate(old.token));
  });

  it('B4: refuses a refresh token as Bearer, and an access token as refresh token', async () => {
    await isForged(user.refreshToken);
    const swapped = await app.post('/api/v1/user/refresh', { refreshToken: user.token });
    refused(swapped, 401, 'invalid token');
    expect((await app.post('/liveuser/Wx/RenewToken', { refresh_token: user.token })).status).toBe(401);
  });

  it('B4: refuses a token of another type, user or login', async () => {
    const other = claimsOf((await app.login('other')).token);
    const changes = [
      { typ: 'rt' },
      { typ: undefined },
      { sid: undefined },
      { sid: 'x' },
      { sid: { $ne: '' } },
      { sid: other['sid'] },
      { sub: other['sub'] },
      { sub: 1 },
      { ver: 1 },
      { ver: '0' },
      { ver: undefined },
    ];
    for (const change of changes) await isForged(hmacToken({ ...claims, ...change }, secret));
  });

  it('B9: never follows or reads a key that the header names', async () => {
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const headers = [
      { kid: '../../../../dev/null' },
      { kid: "x' UNION SELECT 'secret" },
      { jku: url },
      { x5u: url },
      { jwk: publicKey.export({ format: 'jwk' }) },
      { jwk: { kty: 'oct', k: Buffer.from('secret').toString('base64url') } },
    ];
    for (const header of headers) {
      await isForged(hmacToken(claims, '', header));
      await isForged(hmacToken(claims, 'secret', header));
      const content = `${encode({ alg: 'RS256', ...header })}.${encode(claims)}`;
      await isForged(`${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`);
    }
    expect(callsToListener).toBe(0);
  });

  it('B10: carries no openid, session_key, phone, name or permission', () => {
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'typ', 'ver']);
    expect(claims).toMatchObject({ typ: 'at', sub: expect.stringMatching(/^[0-9a-f]{24}$/) });
  });

  it('B11: takes an odd Authorization header for none', async () => {
    const odd = ['Bearer', 'Bearer ', 'bearer  x', `Basic ${user.token}`, user.token, `Token ${user.token}`];
    for (const value of [...odd, `Bearer ${user.token} x`, `Bearer ${'x'.repeat(8000)}`, 'Bearer törken']) {
      const header = Buffer.from(value, 'utf8').toString('latin1');
      refused(await app.get('/api/v1/user/validate').set('Authorization', header), 401, 'auth error');
    }
  });

  it('B11: reads the scheme in any letter case', async () => {
    for (const scheme of ['bearer', 'BEARER']) {
      succeeded(await app.get('/api/v1/user/validate').set('Authorization', `${scheme} ${user.token}`));
    }
  });

  it('B11: takes two Authorization headers for none, whatever their order', async () => {
    const good = `Bearer ${user.token}`;
    for (const pair of [
      [good, 'Bearer x'],
      ['Bearer x', good],
      [good, good],
    ]) {
      const answer = await raw(app, ['GET /api/v1/user/validate HTTP/1.1', ...pair.map((v) => `Authorization: ${v}`)]);
      expect(answer).toContain('HTTP/1.1 401');
      expect(answer).toContain('auth error');
    }
  });

  it('B11: refuses headers of 100 KB without harm', async () => {
    const big = `Authorization: Bearer ${'x'.repeat(100_000)}`;
    expect(await raw(app, ['GET /api/v1/user/validate HTTP/1.1', big])).toMatch(/^HTTP\/1\.1 4\d\d/);
    succeeded(await validate(user.token));
  });

  it('B13: refuses tokens of another installation, audience or issuer', async () => {
    await isForged(hmacToken(claims, 'another-installation-with-its-own-secret'));
    await isForged(hmacToken({ ...claims, aud: 'elsewhere' }, secret));
    await isForged(hmacToken({ ...claims, iss: 'elsewhere' }, secret));
    await isForged(hmacToken({ ...claims, aud: undefined }, secret));
    await isForged(hmacToken({ ...claims, iss: undefined }, secret));
    await isForged(hmacToken({ ...claims, exp: undefined }, secret));
    await isForged(hmacToken({ ...claims, nbf: Math.floor(clock.now() / 1000) + 3600 }, secret));
  });
});

/** The whole answer to hand-written request lines. */
async function raw(app: TestApp, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(`${[...lines, 'Host: x', 'Connection: close'].join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}
