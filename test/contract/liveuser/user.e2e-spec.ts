import { beforeAll, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';

describeMall('liveuser: Service User', ({ app, loggedIn }) => {
  const user = loggedIn('live');
  let uid: string;

  beforeAll(async () => {
    const reply = await app.post('/liveuser/User/Get', {}, user.token);
    uid = (reply.body as { user: { uid: string } }).user.uid;
  });

  const get = async (token: string) => (await app.post('/liveuser/User/Get', {}, token)).body.user;

  it('answers User.Get right after login with every documented field', async () => {
    expect(await get(user.token)).toEqual({
      uid: expect.stringMatching(/^[0-9a-f]{24}$/),
      name: '',
      agent: '',
      update_at: expect.any(Number),
      avatar: '',
    });
  });

  it('replaces name, agent and avatar with User.Set and empties what is left out', async () => {
    const full = { name: '小明', agent: 'iPhone', avatar: 'https://a.example/1.png' };
    const reply = await app.post('/liveuser/User/Set', { user: { uid, update_at: 1, ...full } }, user.token);
    expect([reply.status, reply.body]).toEqual([200, {}]);
    expect(await get(user.token)).toMatchObject(full);
    await app.post('/liveuser/User/Set', { user: { name: '小红' } }, user.token).expect(200, {});
    expect(await get(user.token)).toMatchObject({ name: '小红', agent: '', avatar: '' });
  });

  it('writes only the fields that are not empty with User.AddUser', async () => {
    await app.post('/liveuser/User/Set', { user: { name: 'A', agent: 'B' } }, user.token).expect(200);
    await app.post('/liveuser/User/AddUser', { user: { uid, name: '', agent: 'C' } }, user.token).expect(200, {});
    expect(await get(user.token)).toMatchObject({ name: 'A', agent: 'C' });
  });

  it("refuses another user's uid in Set and AddUser with 403 and changes nothing", async () => {
    const other = await app.login('live-other');
    const before = await get(user.token);
    for (const method of ['Set', 'AddUser']) {
      const reply = await app.post(`/liveuser/User/${method}`, { user: { uid, name: 'x' } }, other.token);
      expect([reply.status, reply.body]).toEqual([
        403,
        { id: 'error-forbidden', code: 403, detail: expect.any(String), status: 'Forbidden' },
      ]);
    }
    expect(await get(user.token)).toEqual(before);
  });

  it('answers User.QueryUser in the order asked, with a string of seconds, and empty fields for an unknown uid', async () => {
    await app.post('/liveuser/User/Set', { user: { name: 'Q', agent: 'R' } }, user.token).expect(200);
    const reply = await app.post('/liveuser/User/QueryUser', { uids: ['nobody', uid, 'nobody'] }, user.token);
    const unknown = { uid: 'nobody', name: '', agent: '', update_at: '', avatar: '' };
    const known = { uid, name: 'Q', agent: 'R', update_at: expect.stringMatching(/^\d{10}$/), avatar: '' };
    expect(reply.body).toEqual({ users: [unknown, known, unknown] });
    await app.post('/liveuser/User/QueryUser', { uids: [] }, user.token).expect(200, { users: [] });
  });

  it.each([
    ['Set', {}],
    ['Set', { user: 'x' }],
    ['Set', { user: [] }],
    ['Set', { user: null }],
    ['Set', { user: { name: 1 } }],
    ['Set', { user: { name: 'x'.repeat(65) } }],
    ['Set', { user: { avatar: 'javascript:alert(1)' } }],
    ['AddUser', { user: { agent: 'a\u0000b' } }],
    ['QueryUser', {}],
    ['QueryUser', { uids: 'one' }],
    ['QueryUser', { uids: [1] }],
    ['QueryUser', { uids: Array.from({ length: 101 }, (_, index) => `u${index}`) }],
  ])('refuses User.%s with %j as error-bad-request', async (method, body) => {
    const reply = await app.post(`/liveuser/User/${method}`, body, user.token);
    expect([reply.status, reply.body]).toEqual([
      400,
      { id: 'error-bad-request', code: 400, detail: expect.any(String), status: 'Bad Request' },
    ]);
  });

  it.each(['Set', 'Get', 'AddUser', 'QueryUser'])('refuses User.%s without and with a bad token', async (method) => {
    for (const token of [undefined, 'undefined', 'abc.def.ghi']) {
      const reply = await app.post(`/liveuser/User/${method}`, { user: {}, uids: [] }, token);
      expect([reply.status, reply.body.id]).toEqual([401, 'error-unauthorized']);
    }
    await app.get(`/liveuser/User/${method}`, {}, user.token).expect(404);
  });
});
