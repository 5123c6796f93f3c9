import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { describeMall } from '../support/stage.js';
import { WebClient, WEB_ENV } from '../support/web.js';

const PHONE = '13912345678';
const PASSWORD = 'hunter2-hunter2-hunter2';
const ADDRESS = { name: 'Anna Secretname', address: '12 Hidden Lane', phoneNumber: '13787654321' };

const ENV = { LOG_LEVEL: 'debug', WECHAT_TIMEOUT: '3', ...WEB_ENV };
const logs: string[] = [];

describeMall('what is logged', { logs, env: ENV }, ({ app, loggedIn }) => {
  const user = loggedIn('logged', 7);

  const records = () => logs.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is one JSON record a line, with a request id that the reply carries too', async () => {
    const reply = await app.get('/api/v1/user/profile', { secretQuery: 1 }, user.token);
    const record = records().find(({ requestId }) => requestId === reply.headers['x-request-id']);
    expect(record).toMatchObject({
      method: 'GET',
      path: '/api/v1/user/profile',
      status: 200,
      wire: 'api-v1',
      user: user.id,
      ms: expect.any(Number),
    });
    for (const line of logs) expect(line).toMatch(/^\{[^\n]*\}\n$/);
  });

  it('O1: holds no code, token, cookie, password, openid, phone or address, whatever failed', async () => {
    const openid = 'oSecretOpenidOfAUser';
    const code = app.simulator.control.issueLoginCode({ openid });
    const login = succeeded(await app.get('/api/v1/user/code', { code, nickName: 'Nick Hidden' }));
    const phoneCode = app.simulator.control.issuePhoneCode({ openid }, PHONE);
    const token = login['token'] as string;
    await app.post('/api/v1/user/bindPhone', { code: phoneCode }, token).expect(200);
    await app.post('/api/v1/address/addAddress', ADDRESS, token).expect(200);
    const renewed = succeeded(await app.post('/api/v1/user/refresh', { refreshToken: login['refreshToken'] }));
    await app.post('/api/v1/user/refresh', { refreshToken: `${String(renewed['refreshToken'])}x` });
    const web = await WebClient.signUp(app, '13711112222');
    await web.post('/account/login', { phone: web.phone, password: PASSWORD });
    await web.get('/user');
    await app.get('/api/v1/user/code', { code: 'sim-slow' }).expect(503);
    await app.get('/api/v1/user/profile', {}, `${token}tampered`).expect(401);
    await app.post('/open/v0/thGetToken?sign=0123456789abcdef0123456789abcdef&app_id=LMsecretapp');
    for (const table of ['login_sessions', 'wechat_identities', 'refresh_tokens', 'addresses']) {
      await app.tamper(`ALTER TABLE ${table} RENAME TO ${table}_away`);
      await app.get('/api/v1/user/code', { code: 'demo-while-broken' });
      await app.post('/api/v1/address/addAddress', ADDRESS, token);
      await app.post('/api/v1/address/modifyAddress', { ...ADDRESS, addressId: 1 }, token);
      await app.post('/api/v1/user/refresh', { refreshToken: renewed['refreshToken'] });
      await app.tamper(`ALTER TABLE ${table}_away RENAME TO ${table}`);
    }
    const secrets = [
      code,
      phoneCode,
      openid,
      PHONE,
      PASSWORD,
      web.phone,
      web.cookie,
      'demo-while-broken',
      'sim-slow',
      token,
      login['refreshToken'],
      renewed['token'],
      renewed['refreshToken'],
      token.split('.')[2],
      ...Object.values(ADDRESS),
      'Nick Hidden',
      '0123456789abcdef0123456789abcdef',
      app.config.jwtSecret,
      app.config.wechat.miniProgram.secret,
      app.config.wechat.pay!.apiV3Keys[0],
      'PRIVATE KEY',
      'session_key',
      'Authorization',
    ] as string[];
    const all = logs.join('');
    expect(records().some(({ level }) => level === 50)).toBe(true);
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  });

  it('O6: keeps one line an event whatever stands in path, name or header', async () => {
    const before = logs.length;
    await app.get('/api/v1/none%0a%1b[31m{"level":60,"msg":"forged"}').expect(404);
    await app.get('/api/v1/user/code', { code: 'demo-odd', nickName: 'a\nb\u001b[2J' }).set('User-Agent', 'x\ty');
    await raw(app, 'GET /api/v1/\u001b[31mred HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    for (const line of logs.slice(before)) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(Array.from(line.trimEnd()).filter((character) => character < ' ' || character === '\u007f')).toEqual([]);
    }
    expect(records().some(({ msg }) => msg === 'forged')).toBe(false);
  });

  it('says what went wrong inside, and the caller hears nothing of it', async () => {
    await app.tamper('ALTER TABLE addresses RENAME TO addresses_away');
    const reply = await app.get('/api/v1/address/address', {}, user.token);
    await app.tamper('ALTER TABLE addresses_away RENAME TO addresses');
    expect([reply.status, reply.body]).toEqual([500, { success: false, info: 'internal error', data: null }]);
    const record = records().findLast(({ level }) => level === 50);
    expect(record).toMatchObject({
      requestId: reply.headers['x-request-id'],
      error: { message: expect.any(String) },
    });
  });
});

function raw(app: TestApp, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(app.config.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', () => undefined);
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}
