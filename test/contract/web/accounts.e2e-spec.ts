import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { TestApp } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { WEB_ENV, freshPhone, PASSWORD, sessionCookieOf, WebClient } from '../../support/web.js';

const WRONG_LOGIN = { code: 10002, msg: '用户或密码错误' };
const KEYS = ['id', 'name', 'gender', 'province', 'city', 'avatar', 'balance', 'coupon', 'phone'];

describeMall('web: 登录、注册相关', { env: WEB_ENV }, ({ app }) => {
  describe('POST /account/signup', () => {
    it('makes an account, answers the user with every documented key, and sets the cookie', async () => {
      const phone = freshPhone();
      const reply = await new WebClient(app).post('/account/signup', { phone, password: PASSWORD });
      expect(reply.status).toBe(200);
      const { id } = reply.body.data as { id: number };
      expect(reply.body).toEqual({
        code: 0,
        data: {
          id,
          name: '',
          gender: 0,
          province: '',
          city: '',
          avatar: '',
          balance: 0,
          coupon: 0,
          phone: Number(phone),
        },
      });
      expect(Object.keys(reply.body.data as object)).toEqual(KEYS);
      expect(sessionCookieOf(reply)).not.toBeNull();
    });

    it('takes a urlencoded form', async () => {
      const reply = await new WebClient(app).form('/account/signup', { phone: freshPhone(), password: PASSWORD });
      expect(reply.body.code).toBe(0);
    });

    it('answers 10004 for a known phone and sets no cookie', async () => {
      const { phone } = await WebClient.signUp(app);
      const reply = await new WebClient(app).post('/account/signup', { phone, password: 'another password' });
      expect(reply.status).toBe(200);
      expect(reply.body.code).toBe(10004);
      expect(sessionCookieOf(reply)).toBeNull();
    });

    it('answers 10004 for a phone that a WeChat account has bound', async () => {
      const user = await app.login('phone-holder');
      const phone = freshPhone();
      await app.tamper('UPDATE users SET phone = ? WHERE id = ?', [phone, user.id]);
      expect((await new WebClient(app).post('/account/signup', { phone, password: PASSWORD })).body.code).toBe(10004);
      expect((await new WebClient(app).post('/account/login', { phone, password: PASSWORD })).body).toEqual(
        WRONG_LOGIN,
      );
    });

    it('makes exactly one account of 20 parallel signups with one phone', async () => {
      const phone = freshPhone();
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => new WebClient(app).post('/account/signup', { phone, password: PASSWORD })),
      );
      const codes = replies.map((reply) => Number(reply.body.code)).sort((a, b) => a - b);
      expect(codes).toEqual([0, ...Array.from({ length: 19 }, () => 10004)]);
      const [count] = await app.rows<{ n: number }>('SELECT COUNT(*) AS n FROM users WHERE phone = ?', [phone]);
      expect(Number(count?.n)).toBe(1);
    });

    it('ignores keys that would give rights or money', async () => {
      const body = { phone: freshPhone(), password: PASSWORD, permission: 7, balance: 100, id: 1, uid: 'x' };
      const client = new WebClient(app);
      const reply = await client.post('/account/signup', body);
      expect(reply.body.data.balance).toBe(0);
      const [row] = await app.rows<{ permission: number }>('SELECT permission FROM users WHERE id = ?', [
        Number(reply.body.data.id),
      ]);
      expect(row?.permission).toBe(1);
    });

    it('keeps an argon2id hash and never the password', async () => {
      const { userId } = await WebClient.signUp(app);
      const [row] = await app.rows<{ hash: string }>('SELECT hash FROM passwords WHERE user_id = ?', [userId]);
      expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    });
  });

  describe('parameters of signup and login', () => {
    const phone = '13912345678';
    it.each([
      ['no phone', { password: PASSWORD }],
      ['no password', { phone }],
      ['a foreign phone', { phone: '+8613912345678', password: PASSWORD }],
      ['a short phone', { phone: '1391234567', password: PASSWORD }],
      ['a landline', { phone: '02161234567', password: PASSWORD }],
      ['a phone in other digits', { phone: '１３９１２３４５６７８', password: PASSWORD }],
      ['a phone with an edge space', { phone: ` ${phone}`, password: PASSWORD }],
      ['a phone as an object', { phone: { $ne: '' }, password: PASSWORD }],
      ['a phone as a list', { phone: [phone], password: PASSWORD }],
      ['a password of 7', { phone, password: '1234567' }],
      ['a password of 73', { phone, password: 'x'.repeat(73) }],
      ['a password of half a megabyte', { phone, password: 'x'.repeat(500_000) }],
      ['a password with NUL', { phone, password: 'abc\0defgh' }],
      ['a lone surrogate', { phone, password: 'abcdefgh\ud800' }],
      ['a password as an object', { phone, password: { password: 1 } }],
      ['a password as an operator', { phone, password: { $ne: '' } }],
      ['a password as a list', { phone, password: [] }],
      ['a password as true', { phone, password: true }],
      ['a password as null', { phone, password: null }],
      ['a password as a number', { phone, password: 12345678 }],
    ])('answers 10005 and no cookie for %s', async (_, body) => {
      for (const path of ['/account/signup', '/account/login']) {
        const reply = await new WebClient(app).post(path, body);
        expect([reply.status, reply.body.code]).toEqual([200, 10005]);
        expect(sessionCookieOf(reply)).toBeNull();
      }
    });

    it('answers 10005 for text/plain and for multipart', async () => {
      const json = JSON.stringify({ phone: freshPhone(), password: PASSWORD });
      const plain = await request(app.url).post('/account/signup').type('text/plain').send(json);
      expect([plain.status, plain.body.code]).toEqual([200, 10005]);
      const multipart = await request(app.url)
        .post('/account/signup')
        .field('phone', freshPhone())
        .field('password', PASSWORD);
      expect([multipart.status, multipart.body.code]).toEqual([200, 10005]);
    });

    it('answers 10005 for malformed JSON, for a list and for a body beyond the limit', async () => {
      const send = (body: string) => request(app.url).post('/account/login').type('json').send(body);
      for (const body of ['{"phone":', '[]', '1', JSON.stringify({ password: 'x'.repeat(1_100_000) })]) {
        const reply = await send(body);
        expect([reply.status, reply.body.code]).toEqual([200, 10005]);
      }
    });

    it('counts code points: 8 and 72 of four bytes each are a password', async () => {
      for (const password of ['😀'.repeat(8), '😀'.repeat(72)]) {
        const phone = freshPhone();
        expect((await new WebClient(app).post('/account/signup', { phone, password })).body.code).toBe(0);
        expect((await new WebClient(app).post('/account/login', { phone, password })).body.code).toBe(0);
      }
    });

    it('hashes the password whole: a change of its last character is another password', async () => {
      const phone = freshPhone();
      const long = 'x'.repeat(71);
      await new WebClient(app).post('/account/signup', { phone, password: `${long}a` });
      expect((await new WebClient(app).post('/account/login', { phone, password: `${long}b` })).body).toEqual(
        WRONG_LOGIN,
      );
      expect((await new WebClient(app).post('/account/login', { phone, password: long })).body).toEqual(WRONG_LOGIN);
    });
  });

  describe('POST /account/login', () => {
    it('answers the user and sets the cookie', async () => {
      const { phone, userId } = await WebClient.signUp(app);
      const client = new WebClient(app);
      const reply = await client.post('/account/login', { phone, password: PASSWORD });
      expect(reply.body).toMatchObject({ code: 0, data: { id: userId, phone: Number(phone) } });
      expect((await client.get('/user')).body.data.id).toBe(userId);
    });

    it('answers 10002 alike for a wrong password and for an unknown phone', async () => {
      const { phone } = await WebClient.signUp(app);
      for (const body of [
        { phone, password: 'wrong password' },
        { phone: freshPhone(), password: PASSWORD },
      ]) {
        const reply = await new WebClient(app).post('/account/login', body);
        expect([reply.status, reply.body]).toEqual([200, WRONG_LOGIN]);
        expect(sessionCookieOf(reply)).toBeNull();
      }
    });

    it('keeps case, spaces and composition of a password', async () => {
      const phone = freshPhone();
      await new WebClient(app).post('/account/signup', { phone, password: ' Caf\u00e9 lait ' });
      const login = (password: string) => new WebClient(app).post('/account/login', { phone, password });
      expect((await login('Caf\u00e9 lait')).body).toEqual(WRONG_LOGIN);
      expect((await login(' caf\u00e9 lait ')).body).toEqual(WRONG_LOGIN);
      expect((await login(' Cafe\u0301 lait ')).body).toEqual(WRONG_LOGIN);
      expect((await login(' Caf\u00e9 lait ')).body.code).toBe(0);
    });

    it('answers 10001 for a disabled account with the right password, 10002 with a wrong one', async () => {
      const client = await WebClient.signUp(app);
      await app.tamper('UPDATE users SET permission = 0 WHERE id = ?', [client.userId]);
      const login = (password: string) => new WebClient(app).post('/account/login', { phone: client.phone, password });
      const reply = await login(PASSWORD);
      expect([reply.status, reply.body.code, sessionCookieOf(reply)]).toEqual([200, 10001, null]);
      expect((await login('wrong password')).body).toEqual(WRONG_LOGIN);
    });
  });

  describe('GET /account/signin', () => {
    it('logs in the mini program user of the code: the same account as on the other wires', async () => {
      const user = await app.login('signin');
      const reply = await new WebClient(app).get('/account/signin', { code: 'demo-signin' });
      expect(reply.body).toMatchObject({ code: 0, data: { id: user.id, phone: 0 } });
      expect(Object.keys(reply.body.data as object)).toEqual(KEYS);
      expect(sessionCookieOf(reply)).not.toBeNull();
    });

    it('makes the account at first sight', async () => {
      const client = new WebClient(app);
      const reply = await client.get('/account/signin', { code: 'demo-newcomer' });
      expect(reply.body.code).toBe(0);
      expect((await client.get('/user')).body.data.id).toBe(reply.body.data.id);
    });

    it('refuses a code that WeChat refuses, and an empty or missing one', async () => {
      for (const query of [{ code: 'no-such-code' }, { code: '' }, {}]) {
        const reply = await new WebClient(app).get('/account/signin', query);
        expect([reply.status, reply.body.code, sessionCookieOf(reply)]).toEqual([200, 10005, null]);
      }
    });

    it('takes a code once', async () => {
      const code = app.simulator.control.issueLoginCode({ openid: 'oOnceOnlyOnceOnlyOnceOnly00' });
      expect((await new WebClient(app).get('/account/signin', { code })).body.code).toBe(0);
      const again = await new WebClient(app).get('/account/signin', { code });
      expect([again.body.code, sessionCookieOf(again)]).toEqual([10005, null]);
    });

    it.each(['40029', '40226', '45011', '-1', 'html', 'empty', 'garbage'])(
      'makes no user and sets no cookie when WeChat answers %s',
      async (trouble) => {
        const count = async () => Number((await app.rows<{ n: number }>('SELECT COUNT(*) AS n FROM users'))[0].n);
        const before = await count();
        const reply = await new WebClient(app).get('/account/signin', { code: `sim-${trouble}` });
        expect([10001, 10005]).toContain(reply.body.code);
        expect(sessionCookieOf(reply)).toBeNull();
        expect(await count()).toBe(before);
      },
    );

    it('takes Open Platform codes under WECHAT_OAUTH: another app, another account, with what WeChat tells', async () => {
      const mobile = 'wx00000000000000ff';
      const oauth = await TestApp.start({ env: { ...WEB_ENV, WECHAT_OAUTH: 'true', WECHAT_MOBILE_APP_ID: mobile } });
      try {
        const mini = await oauth.login('oauth');
        const client = new WebClient(oauth);
        const { body } = await client.get('/account/signin', { code: 'demo-oauth' });
        expect(body).toMatchObject({ code: 0, data: { name: 'oauth', gender: 2, province: '广东', city: '深圳' } });
        expect(body.data.avatar).toMatch(/^https:/);
        expect(body.data.id).not.toBe(mini.id);
        expect((await client.get('/account/signin', { code: 'demo-oauth' })).body.data.id).toBe(body.data.id);
        const [identity] = await oauth.rows<{ app: string }>(
          'SELECT app_id AS app FROM wechat_identities WHERE user_id = ?',
          [Number(body.data.id)],
        );
        expect(identity.app).toBe(mobile);
        expect((await new WebClient(oauth).get('/account/signin', { code: 'bad' })).body.code).toBe(10005);
      } finally {
        await oauth.stop();
      }
    });

    it('answers 10001 for a disabled account', async () => {
      const user = await app.login('disabled-signin');
      await app.tamper('UPDATE users SET permission = 0 WHERE id = ?', [user.id]);
      const reply = await new WebClient(app).get('/account/signin', { code: 'demo-disabled-signin' });
      expect([reply.status, reply.body.code, sessionCookieOf(reply)]).toEqual([200, 10001, null]);
    });
  });

  describe('GET /account/signout', () => {
    it('ends this session and no other', async () => {
      const phone = freshPhone();
      const first = await WebClient.signUp(app, phone);
      const second = new WebClient(app);
      await second.post('/account/login', { phone, password: PASSWORD });
      const stolen = first.cookie;
      const reply = await first.get('/account/signout');
      expect(reply.body).toEqual({ code: 0 });
      expect(sessionCookieOf(reply)?.value).toBe('');
      first.cookie = stolen;
      expect((await first.get('/user')).body.code).toBe(10003);
      expect((await second.get('/user')).body.code).toBe(0);
    });

    it('is a success without a session, with a dead one and with rubbish', async () => {
      const client = new WebClient(app);
      for (const cookie of ['', 'rubbish', 'A'.repeat(43)]) {
        client.cookie = cookie;
        expect((await client.get('/account/signout')).body).toEqual({ code: 0 });
      }
    });

    it('ends the login of a Bearer token too', async () => {
      const { token } = await app.login('bearer-signout');
      expect((await app.get('/account/signout', {}, token)).body).toEqual({ code: 0 });
      expect((await app.get('/user', {}, token)).body.code).toBe(10003);
    });
  });

  describe('GET /user', () => {
    it('sends the user under data and under user', async () => {
      const client = await WebClient.signUp(app);
      const { body } = await client.get('/user');
      expect(Object.keys(body as object)).toEqual(['code', 'data', 'user']);
      expect(body.user).toEqual(body.data);
      expect(Object.keys(body.data as object)).toEqual(KEYS);
    });

    it('answers 10003 without a login', async () => {
      const reply = await new WebClient(app).get('/user');
      expect([reply.status, reply.body]).toEqual([200, { code: 10003, msg: '请先登录' }]);
    });

    it('shows the caller and nobody else', async () => {
      const client = await WebClient.signUp(app);
      const other = await WebClient.signUp(app);
      expect((await client.get('/user', { id: other.userId, uid: other.userId })).body.data.id).toBe(client.userId);
    });

    it('takes a Bearer token of the same account', async () => {
      const { token, id } = await app.login('bearer');
      expect((await app.get('/user', {}, token)).body.data.id).toBe(id);
    });
  });

  it('answers HTTP 404 with 10001 for an unknown path and for a wrong method', async () => {
    const client = new WebClient(app);
    for (const reply of [
      await client.get('/no/such/path'),
      await client.post('/user'),
      await client.get('/account/login'),
    ]) {
      expect([reply.status, reply.body.code]).toEqual([404, 10001]);
    }
  });

  it('answers 405 with Allow to HEAD', async () => {
    for (const path of ['/user', '/account/signin?code=demo-head', '/account/signout']) {
      const reply = await new WebClient(app).head(path);
      expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET']);
    }
  });
});
