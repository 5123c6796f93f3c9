import { expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { TestApp } from '../support/app.js';
import { describeMall } from '../support/stage.js';

describeMall("login against WeChat's answers", { env: { WECHAT_TIMEOUT: '3' } }, ({ app }) => {
  const login = (code: string) => app.get('/api/v1/user/code', { code, nickName: 'x' });
  const users = async () => Number((await app.rows<{ n: number }>('SELECT COUNT(*) AS n FROM users'))[0]?.n);
  const calls = () => app.simulator.control.calls('jscode2session').length;

  it('A1: takes a code once', async () => {
    const code = app.simulator.control.issueLoginCode({ openid: 'oOnceAndNeverAgain' });
    succeeded(await login(code));
    refused(await login(code), 400);
    expect((await app.post('/liveuser/Wx/Login', { code })).status).toBe(400);
  });

  it.each([
    ['an invalid code', 'sim-40029', 400],
    ['a code used before', 'sim-40163', 400],
    ['a user whom WeChat has blocked', 'sim-40226', 400],
    ['an answer without an openid', 'sim-empty', 400],
    ['too many calls', 'sim-45011', 503],
    ['a busy WeChat, twice', 'sim--1', 503],
    ['our own wrong secret', 'sim-40125', 503],
    ['a page of HTML', 'sim-html', 503],
    ['half of a JSON text', 'sim-garbage', 503],
    ['no answer in time', 'sim-slow', 503],
  ])('A2: refuses %s in our own words and makes no user', async (_, code, status) => {
    const before = await users();
    const reply = await login(code);
    const info = refused(reply, status);
    expect(info).not.toMatch(/errmsg|errcode|\d{5}|rid|secret|openid/i);
    if (status === 503) expect(reply.headers['retry-after']).toBe('5');
    expect(await users()).toBe(before);
  });

  it('A2: asks a busy WeChat once more', async () => {
    succeeded(await login('sim-busy-once-a'));
  });

  it.each([{ kind: 'drop_before' }, { kind: 'drop_after' }, { kind: 'error', status: 502 }] as const)(
    'A2: answers 503 when WeChat is away: %j',
    async (fault) => {
      app.simulator.control.failNext('jscode2session', fault);
      refused(await login('demo-away'), 503);
      succeeded(await login('demo-away'));
    },
  );

  it('asks WeChat nothing for parameters that are wrong', async () => {
    const before = calls();
    refused(await login(''), 400);
    refused(await app.get('/api/v1/user/code', { code: 'demo-x', avatarUrl: 'javascript:1' }), 400);
    expect(calls()).toBe(before);
  });

  it('makes one user of 30 first logins at once', async () => {
    const before = await users();
    const replies = await Promise.all(Array.from({ length: 30 }, () => login('demo-stampede')));
    const tokens = replies.map((reply) => succeeded(reply)['token'] as string);
    const profiles = await Promise.all(tokens.map((token) => app.get('/api/v1/user/profile', {}, token)));
    expect(new Set(profiles.map((reply) => succeeded(reply)['userId'])).size).toBe(1);
    expect(await users()).toBe(before + 1);
  });

  it('gives the openids of ROOT_OPENIDS permission 7 at login, the first and a later one', async () => {
    const openid = 'oRootFromTheConfiguration';
    const loginAs = async (server: TestApp) => {
      const code = app.simulator.control.issueLoginCode({ openid });
      const { token } = succeeded(await server.get('/api/v1/user/code', { code })) as { token: string };
      return succeeded(await server.get('/api/v1/user/profile', {}, token))['permission'];
    };
    expect(await loginAs(app)).toBe(1);
    const rooted = await app.beside({ env: { ROOT_OPENIDS: `oOther, ${openid}` } });
    expect(await loginAs(rooted)).toBe(7);
    await rooted.stop();
  });
});
