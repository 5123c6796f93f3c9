import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WechatError } from '../../src/integrations/wechat/wechat-error.js';
import { WechatLoginClient } from '../../src/integrations/wechat/wechat-login.client.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { loginConfig, MINI_PROGRAM, startWechat } from './support.js';

async function failure(promise: Promise<unknown>): Promise<{ kind: string; code: string }> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WechatError);
  const { kind, code } = error as WechatError;
  return { kind, code };
}

describe('the login client against the simulated WeChat', () => {
  let simulator: Simulator;
  let client: WechatLoginClient;

  beforeAll(async () => {
    simulator = await startWechat();
    client = new WechatLoginClient(loginConfig(simulator.url));
  });
  afterAll(() => simulator.close());

  it('gives the same openid for a demo code however often it is used, another for another name', async () => {
    const first = await client.codeToSession('demo-alice');
    expect(first).toEqual({ openid: expect.stringMatching(/^oDemo[\w-]{23}$/), unionid: null });
    expect(await client.codeToSession('demo-alice')).toEqual(first);
    expect((await client.codeToSession('demo-bob')).openid).not.toBe(first.openid);
  });

  it('takes an issued code once and carries its unionid', async () => {
    const code = simulator.control.issueLoginCode({ openid: 'oIssued', unionid: 'uIssued' });
    expect(await client.codeToSession(code)).toEqual({ openid: 'oIssued', unionid: 'uIssued' });
    expect(await failure(client.codeToSession(code))).toEqual({ kind: 'refused', code: '40163' });
  });

  it('takes nothing for an openid that is not shaped like one', async () => {
    for (const openid of ['', 'o with space', `o${'x'.repeat(64)}`, "o'--"]) {
      const code = simulator.control.issueLoginCode({ openid });
      expect(await failure(client.codeToSession(code))).toEqual({ kind: 'refused', code: 'no_openid' });
    }
  });

  it('refuses an issued code after five minutes', async () => {
    const code = simulator.control.issueLoginCode({ openid: 'oLate' });
    simulator.control.advance(301);
    expect(await failure(client.codeToSession(code))).toEqual({ kind: 'refused', code: '40029' });
    simulator.control.advance(-301);
  });

  it.each([
    ['nonsense', 'refused', '40029'],
    ['sim-40226', 'refused', '40226'],
    ['sim-45011', 'unavailable', '45011'],
    ['sim--1', 'unavailable', '-1'],
    ['sim-html', 'unavailable', 'malformed'],
    ['sim-garbage', 'unavailable', 'malformed'],
    ['sim-empty', 'refused', 'no_openid'],
  ])('answers the code %s with %s %s', async (code, kind, errcode) => {
    expect(await failure(client.codeToSession(code))).toEqual({ kind, code: errcode });
  });

  it('asks a busy WeChat once more', async () => {
    simulator.control.clearCalls();
    expect((await client.codeToSession('sim-busy-once-1')).openid).toMatch(/^oDemo/);
    expect(simulator.control.calls('jscode2session')).toHaveLength(2);
  });

  it('gives up at the time-out', async () => {
    const hasty = new WechatLoginClient(loginConfig(simulator.url, 0.2));
    expect(await failure(hasty.codeToSession('sim-slow'))).toEqual({ kind: 'unavailable', code: 'timeout' });
  });

  it('calls a lost connection, a server error and an absent server unavailable', async () => {
    simulator.control.failNext('jscode2session', { kind: 'drop_before' });
    expect(await failure(client.codeToSession('demo-a'))).toEqual({ kind: 'unavailable', code: 'network' });
    simulator.control.failNext('jscode2session', { kind: 'error', status: 502 });
    expect(await failure(client.codeToSession('demo-a'))).toEqual({ kind: 'unavailable', code: 'http_502' });
    const nobody = new WechatLoginClient(loginConfig('http://127.0.0.1:9'));
    expect(await failure(nobody.codeToSession('demo-a'))).toEqual({ kind: 'unavailable', code: 'network' });
  });

  it('puts neither secret nor code into an error', async () => {
    const config = loginConfig(simulator.url);
    const wrong = new WechatLoginClient({ ...config, miniProgram: { ...MINI_PROGRAM, secret: 'other-secret' } });
    const error = await wrong.codeToSession('demo-hidden').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'unavailable', code: '40125', rid: expect.any(String) });
    expect(inspect(error)).not.toMatch(/other-secret|demo-hidden|appsecret/);
  });

  it('reads an Open Platform user under the mobile app', async () => {
    const user = await client.oauthUser('demo-alice');
    expect(user).toMatchObject({ nickname: 'alice', province: '广东', city: '深圳', unionid: null });
    expect([1, 2]).toContain(user.sex);
    expect(user.openid).not.toBe((await client.codeToSession('demo-alice')).openid);
    expect(await failure(client.oauthUser('nonsense'))).toEqual({ kind: 'refused', code: '40029' });
  });

  it('exchanges phone codes: demo codes for anybody, issued ones once and for their user only', async () => {
    expect(await client.phoneNumber('phone-13800138000', 'oAnyone')).toEqual({
      phone: '13800138000',
      countryCode: '86',
    });
    expect((await client.phoneNumber('phone-13800138000', 'oOther')).phone).toBe('13800138000');
    const code = simulator.control.issuePhoneCode({ openid: 'oOwner' }, '13900139000');
    expect(await failure(client.phoneNumber(code, 'oThief'))).toEqual({ kind: 'refused', code: '40029' });
    expect((await client.phoneNumber(code, 'oOwner')).phone).toBe('13900139000');
    expect(await failure(client.phoneNumber(code, 'oOwner'))).toEqual({ kind: 'refused', code: '40163' });
  });

  it('refuses a phone number that was given to another app', async () => {
    expect(await failure(client.phoneNumber('sim-foreign-app', 'oX'))).toEqual({
      kind: 'refused',
      code: 'foreign_app',
    });
  });

  it('fetches one access token for many callers, and another once when WeChat says it has expired', async () => {
    const fresh = new WechatLoginClient(loginConfig(simulator.url));
    const callers = Array.from({ length: 10 }, (_, index) => `oX${index}`);
    simulator.control.clearCalls();
    await Promise.all(callers.map((openid) => fresh.phoneNumber('phone-13800138000', openid)));
    expect(simulator.control.calls('stable_token')).toHaveLength(1);
    simulator.control.expireAccessToken();
    await Promise.all(callers.map((openid) => fresh.phoneNumber('phone-13800138000', openid)));
    expect(simulator.control.calls('stable_token')).toHaveLength(2);
  });

  it('gives up when the token is refused twice', async () => {
    simulator.control.failNext('phone', { kind: 'error', status: 200, code: '42001' }, 2);
    expect(await failure(client.phoneNumber('phone-13800138000', 'oX'))).toEqual({
      kind: 'unavailable',
      code: '42001',
    });
    expect((await client.phoneNumber('phone-13800138000', 'oX')).phone).toBe('13800138000');
  });
});
