import { beforeAll, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import type { TestUser } from '../../support/app.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';
import { describeMall } from '../../support/stage.js';

const MONTH = 30 * 86_400;

describeMall('user API', ({ app }) => {
  let root: TestUser;
  beforeAll(async () => {
    root = await app.login('root', 7);
  });

  const code = (query: object, token?: string) => app.get('/api/v1/user/code', query, token);
  const profile = async (token: string) => succeeded(await app.get('/api/v1/user/profile', {}, token));
  const post = (route: string, body: object, token?: string) => app.post(`/api/v1/user/${route}`, body, token);

  describe('GET user/code', () => {
    it('exchanges a code for a token, a refresh token and its expiry in Unix seconds', async () => {
      const data = succeeded(await code({ code: 'demo-first' }));
      expect(data).toEqual({
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        refreshToken: expect.stringMatching(/^[\w-]{43}$/),
        expiry: expect.any(Number),
      });
      expect(Math.abs(Number(data['expiry']) - Date.now() / 1000 - MONTH)).toBeLessThan(60);
    });

    it('gives a new user permission 1 and stores name and picture', async () => {
      const named = { code: 'demo-named', nickName: 'FlyInTheSky', avatarUrl: 'http://xxx/' };
      const { token } = succeeded(await code(named)) as { token: string };
      expect(await profile(token)).toEqual({
        nickName: 'FlyInTheSky',
        avatarUrl: 'http://xxx/',
        phoneNumber: '',
        permission: 1,
        userId: expect.any(Number),
      });
    });

    it('refreshes name and picture when they are given and keeps them when they are not', async () => {
      const login = async (more: object) =>
        profile(succeeded(await code({ code: 'demo-renamed', ...more }))['token'] as string);
      await login({ nickName: 'old', avatarUrl: 'http://old/' });
      expect(await login({})).toMatchObject({ nickName: 'old', avatarUrl: 'http://old/' });
      expect(await login({ nickName: 'new' })).toMatchObject({ nickName: 'new', avatarUrl: 'http://old/' });
      expect(await login({ nickName: '' })).toMatchObject({ nickName: '' });
    });

    it('knows the same person again, and others apart even in letter case', async () => {
      const idOf = async (name: string) => (await app.login(name)).id;
      expect(await idOf('same')).toBe(await idOf('same'));
      expect(await idOf('Case')).not.toBe(await idOf('case'));
    });

    it('takes the parameters as a JSON body of the GET too, and lets the query win', async () => {
      const body = await code({}).send({ code: 'demo-body', nickName: 'body' });
      expect(await profile(succeeded(body)['token'] as string)).toMatchObject({ nickName: 'body' });
      const both = await code({ nickName: 'query' }).send({ code: 'demo-body', nickName: 'body' });
      expect(await profile(succeeded(both)['token'] as string)).toMatchObject({ nickName: 'query' });
    });

    it('ignores a bad token: real clients send "Bearer undefined"', async () => {
      succeeded(await code({ code: 'demo-stale' }, 'undefined'));
      succeeded(await code({ code: 'demo-stale' }).set('Authorization', 'Bearer'));
    });

    it('assigns nothing that it does not ask for', async () => {
      const greedy = { code: 'demo-greedy', permission: 7, uid: 'x', userId: root.id, isRoot: true, phoneNumber: '1' };
      const { token } = succeeded(await code(greedy)) as { token: string };
      expect(await profile(token)).toMatchObject({ permission: 1, phoneNumber: '' });
    });

    it('refuses a missing, empty or odd code, name or picture', async () => {
      await refusesParameters((query) => code({}).send(query), { code: 'demo-odd' }, { code: wrong.text(1, 256) });
      for (const nickName of wrong.text(0, 64)) refused(await code({}).send({ code: 'x', nickName }), 400);
      for (const avatarUrl of ['javascript:alert(1)', 'file:///etc/passwd', 'gopher://x', 'x'.repeat(1025), 3]) {
        refused(await code({}).send({ code: 'demo-odd', avatarUrl }), 400);
      }
    });

    it('refuses a disabled account and lets it in again', async () => {
      const { id } = await app.login('blocked');
      succeeded(await post('modifyPermission', { userId: id, permission: 0 }, root.token));
      refused(await code({ code: 'demo-blocked', nickName: 'still here' }), 403);
      succeeded(await post('modifyPermission', { userId: id, permission: 1 }, root.token));
      expect(await profile((await app.login('blocked')).token)).toMatchObject({ nickName: '', permission: 1 });
    });
  });

  describe('GET user/validate', () => {
    it('succeeds while the token is good', async () => {
      expect(succeeded(await app.get('/api/v1/user/validate', {}, root.token))).toEqual({});
    });

    it('tells no token and a bad token apart', () => refusesStrangers(() => app.get('/api/v1/user/validate')));
  });

  describe('GET user/profile', () => {
    it('asks for a login', () => refusesStrangers(() => app.get('/api/v1/user/profile')));

    it("shows the caller whatever another's id it is given", async () => {
      const { token, id } = await app.login('self');
      const reply = await app.get('/api/v1/user/profile', { userId: root.id, id: root.id }, token);
      expect(succeeded(reply)['userId']).toBe(id);
    });
  });

  describe('POST user/modifyPermission', () => {
    const modify = (userId: unknown, permission: unknown, token = root.token) =>
      post('modifyPermission', { userId, permission }, token);

    it('sets the bits, also as decimal text, and answers data {}', async () => {
      const user = await app.login('promoted');
      expect(succeeded(await modify(user.id, 3))).toEqual({});
      expect(await profile(user.token)).toMatchObject({ permission: 3 });
      succeeded(await modify(String(user.id), '1'));
      expect(await profile(user.token)).toMatchObject({ permission: 1 });
    });

    it('takes effect on a token that is already out', async () => {
      const user = await app.login('climber');
      refused(await modify(user.id, 7, user.token), 403);
      succeeded(await modify(user.id, 4));
      succeeded(await modify(user.id, 4, user.token));
      succeeded(await modify(user.id, 1));
      refused(await modify(user.id, 7, user.token), 403);
    });

    it('is closed to users and merchants', async () => {
      const user = await app.login('plain');
      const merchant = await app.login('merchant', 3);
      for (const { token } of [user, merchant]) refused(await modify(user.id, 7, token), 403);
      expect(await profile(user.token)).toMatchObject({ permission: 1 });
    });

    it('judges the credential, then the permission, then the parameters', async () => {
      await refusesStrangers(() => post('modifyPermission', {}));
      refused(await post('modifyPermission', {}, (await app.login('early')).token), 403);
    });

    it('refuses bits that do not exist and ids that are none', async () => {
      const { id } = await app.login('bits');
      const good = { userId: id, permission: 1 };
      const permission = [8, -1, 1.5, 2 ** 31, 'x', '', null, [1], {}, true];
      await refusesParameters((body) => post('modifyPermission', body, root.token), good, {
        userId: wrong.id,
        permission,
      });
    });

    it('does not find an unknown user', async () => {
      refused(await modify(999_999, 1), 404);
    });

    it('keeps the last root: he cannot demote himself, also when two demote each other at once', async () => {
      refused(await modify(root.id, 3), 409);
      const other = await app.login('root2', 7);
      const replies = await Promise.all([modify(other.id, 1, root.token), modify(root.id, 1, other.token)]);
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      const rows = await app.rows<{ count: number }>('SELECT COUNT(*) AS count FROM users WHERE permission >= 4');
      expect(Number(rows[0]?.count)).toBe(1);
      root = await app.login('root', 7);
      await app.login('root2', 1);
    });
  });

  describe('POST user/bindPhone', () => {
    const bind = (phone: string, token: string) => post('bindPhone', { code: `phone-${phone}` }, token);

    it('stores the phone that WeChat vouches for', async () => {
      const user = await app.login('phone');
      expect(await profile(user.token)).toMatchObject({ phoneNumber: '' });
      expect(succeeded(await bind('13866654321', user.token))).toEqual({});
      expect(await profile(user.token)).toMatchObject({ phoneNumber: '13866654321' });
      succeeded(await bind('13866654321', user.token));
      succeeded(await bind('13866654322', user.token));
      expect(await profile(user.token)).toMatchObject({ phoneNumber: '13866654322' });
    });

    it('refuses a phone that another account has', async () => {
      const [first, second] = [await app.login('phone1'), await app.login('phone2')];
      succeeded(await bind('13800138000', first.token));
      refused(await bind('13800138000', second.token), 409);
      expect(await profile(second.token)).toMatchObject({ phoneNumber: '' });
    });

    it("refuses another's code, a login code and one for another app", async () => {
      const user = await app.login('phone3');
      const foreign = app.simulator.control.issuePhoneCode({ openid: 'oSomebodyElse' }, '13900139000');
      for (const wrong of [foreign, 'demo-phone3', 'sim-foreign-app', 'sim-40029']) {
        refused(await post('bindPhone', { code: wrong }, user.token), 400);
      }
      expect(await profile(user.token)).toMatchObject({ phoneNumber: '' });
    });

    it('asks for a login and a code', async () => {
      await refusesStrangers(() => post('bindPhone', { code: 'phone-13866654321' }));
      const bad = { code: wrong.text(1, 256) };
      await refusesParameters((body) => post('bindPhone', body, root.token), { code: 'x' }, bad);
    });
  });

  describe('POST user/refresh', () => {
    it('gives a new token for a refresh token, without a login', async () => {
      const user = await app.login('refresher');
      const data = succeeded(await post('refresh', { refreshToken: user.refreshToken }, 'undefined'));
      expect(Object.keys(data)).toEqual(['token', 'refreshToken', 'expiry']);
      expect(data['refreshToken']).not.toBe(user.refreshToken);
      expect(await profile(data['token'] as string)).toMatchObject({ userId: user.id });
      expect(await profile(user.token)).toMatchObject({ userId: user.id });
    });

    it('refuses what was never a refresh token with "invalid token"', async () => {
      const { token } = await app.login('mixup');
      for (const refreshToken of ['x', token, 'A'.repeat(43), "' OR 1=1 --"]) {
        refused(await post('refresh', { refreshToken }), 401, 'invalid token');
      }
    });

    it('refuses a missing or odd refresh token as a parameter', () =>
      refusesParameters((body) => post('refresh', body), { refreshToken: 'x' }, { refreshToken: wrong.text(1, 4096) }));
  });

  describe('POST user/logout', () => {
    it('ends this login at once, its refresh token too, and no other', async () => {
      const [phone, tablet] = [await app.login('leaver'), await app.login('leaver')];
      expect(succeeded(await post('logout', {}, phone.token))).toEqual({});
      refused(await app.get('/api/v1/user/validate', {}, phone.token), 401, 'invalid token');
      refused(await post('logout', {}, phone.token), 401, 'invalid token');
      refused(await post('refresh', { refreshToken: phone.refreshToken }), 401, 'invalid token');
      succeeded(await app.get('/api/v1/user/validate', {}, tablet.token));
    });

    it('asks for a login', () => refusesStrangers(() => post('logout', {})));
  });
});
