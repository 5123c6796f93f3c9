import { expect, it } from '@jest/globals';
import { RunningClock } from '../../support/clock.js';
import { describeMall } from '../../support/stage.js';

interface Tokens {
  access_token: string;
  refresh_token: string;
  expiry: number;
  uid: string;
}

const clock = new RunningClock();

describeMall('liveuser: Service Wx, login', { clock }, ({ app }) => {
  const login = async (name: string): Promise<Tokens> =>
    (await app.post('/liveuser/Wx/Login', { code: `demo-${name}` }).expect(200)).body as Tokens;
  const renew = (refresh_token: string) => app.post('/liveuser/Wx/RenewToken', { refresh_token });
  const statusOf = async (token: string) => (await app.post('/liveuser/User/Get', {}, token)).status;

  it('answers Wx.Login with both tokens, the expiry in seconds and the uid', async () => {
    const reply = await login('wx');
    expect(reply).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      expiry: expect.any(Number),
      uid: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
    expect(Math.abs(reply.expiry - Date.now() / 1000 - 3600)).toBeLessThan(60);
    expect((await login('wx')).uid).toBe(reply.uid);
  });

  it('is public, whatever the header line of the document says', async () => {
    await app.post('/liveuser/Wx/Login', { code: 'demo-wx' }, 'undefined').expect(200);
  });

  it('carries the same account as the other wires', async () => {
    const { access_token } = await login('both');
    const profile = await app.get('/api/v1/user/profile', {}, access_token).expect(200);
    const { id } = await app.login('both');
    expect(profile.body.data.userId).toBe(id);
  });

  it('rotates the refresh token and keeps the login alive after the access token has expired', async () => {
    const first = await login('rotate');
    clock.advance(3_700_000);
    expect(await statusOf(first.access_token)).toBe(401);
    const second = (await renew(first.refresh_token).expect(200)).body as Tokens;
    expect(Object.keys(second)).toEqual(['access_token', 'refresh_token', 'expiry']);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await statusOf(second.access_token)).toBe(200);
  });

  it('answers a retry within ten seconds with the same successor', async () => {
    const { refresh_token } = await login('grace');
    const first = (await renew(refresh_token).expect(200)).body as Tokens;
    clock.advance(9000);
    const retry = (await renew(refresh_token).expect(200)).body as Tokens;
    expect(retry.refresh_token).toBe(first.refresh_token);
  });

  it('rotates once when the same refresh token is sent 20 times in parallel', async () => {
    const { refresh_token } = await login('parallel');
    const replies = await Promise.all(Array.from({ length: 20 }, () => renew(refresh_token)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ body }) => (body as Tokens).refresh_token)).size).toBe(1);
  });

  it.each([
    ['after the grace', 11_000, false],
    ['after its successor was used', 0, true],
  ])('ends the whole login, access tokens too, when a spent token comes back %s', async (_when, wait, useSuccessor) => {
    const first = await login('theft');
    const second = (await renew(first.refresh_token).expect(200)).body as Tokens;
    const last = useSuccessor ? ((await renew(second.refresh_token).expect(200)).body as Tokens) : second;
    clock.advance(wait);
    const stolen = await renew(first.refresh_token);
    expect([stolen.status, stolen.body.id]).toEqual([401, 'error-unauthorized']);
    await renew(last.refresh_token).expect(401);
    expect(await statusOf(last.access_token)).toBe(401);
  });

  it('takes neither kind of token for the other', async () => {
    const { access_token, refresh_token } = await login('kinds');
    expect(await statusOf(refresh_token)).toBe(401);
    await renew(access_token).expect(401);
  });

  it.each([
    ['Login', {}],
    ['Login', { code: '' }],
    ['Login', { code: 1 }],
    ['Login', { code: ['demo-a'] }],
    ['Login', { code: 'x'.repeat(257) }],
    ['RenewToken', {}],
    ['RenewToken', { refresh_token: {} }],
  ])('refuses Wx.%s with %j as error-bad-request', async (method, body) => {
    const reply = await app.post(`/liveuser/Wx/${method}`, body);
    expect([reply.status, reply.body.id]).toEqual([400, 'error-bad-request']);
  });

  it('refuses a code that WeChat does not know with 400 in our own words', async () => {
    const reply = await app.post('/liveuser/Wx/Login', { code: 'nobody-issued-this' });
    expect([reply.status, reply.body.id]).toEqual([400, 'error-bad-request']);
    expect(reply.text).not.toMatch(/rid|errmsg|40029/);
  });
});
