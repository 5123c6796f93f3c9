import { beforeAll, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { TestApp, type TestUser } from '../support/app.js';
import { describeMall } from '../support/stage.js';
import { TestClock } from '../support/clock.js';

const GRACE = 10_000;
const SECOND = 1000;

const clock = new TestClock();

describeMall('logins on two instances over one database', { clock }, ({ app: here }) => {
  let there: TestApp;
  let root: TestUser;

  beforeAll(async () => {
    there = await here.beside();
    root = await here.login('root', 7);
  });

  const validate = (app: TestApp, token: string) => app.get('/api/v1/user/validate', {}, token);
  const refresh = (app: TestApp, refreshToken: string) => app.post('/api/v1/user/refresh', { refreshToken });
  const permit = (userId: number, permission: number) =>
    here.post('/api/v1/user/modifyPermission', { userId, permission }, root.token).expect(200);
  const renewed = async (app: TestApp, refreshToken: string) =>
    succeeded(await refresh(app, refreshToken)) as { token: string; refreshToken: string };

  /** `end` is done here: dead at once here, and there a second later although it was just seen alive. */
  async function diesEverywhere(user: TestUser, end: () => Promise<unknown>): Promise<void> {
    succeeded(await validate(here, user.token));
    succeeded(await validate(there, user.token));
    await end();
    refused(await validate(here, user.token), 401, 'invalid token');
    clock.advance(SECOND);
    refused(await validate(there, user.token), 401, 'invalid token');
    refused(await refresh(there, user.refreshToken), 401, 'invalid token');
    refused(await refresh(here, user.refreshToken), 401, 'invalid token');
  }

  it('take a token of one instance on the other', async () => {
    succeeded(await validate(there, (await here.login('both')).token));
  });

  it('end with a logout, at once here and within a second there', async () => {
    const user = await here.login('leaver');
    await diesEverywhere(user, () => here.post('/api/v1/user/logout', {}, user.token).expect(200));
  });

  it('B3: end when the account is disabled, and stay dead when it is enabled again', async () => {
    const user = await here.login('disabled');
    await diesEverywhere(user, () => permit(user.id, 0));
    refused(await here.get('/api/v1/user/code', { code: 'demo-disabled' }), 403);
    await permit(user.id, 1);
    refused(await validate(here, user.token), 401, 'invalid token');
    refused(await refresh(here, user.refreshToken), 401, 'invalid token');
    succeeded(await validate(here, (await here.login('disabled')).token));
  });

  it('B8: follow a changed permission, at once here and within a second there', async () => {
    const user = await here.login('demoted', 7);
    const act = (app: TestApp) => app.post('/api/v1/user/modifyPermission', {}, user.token);
    refused(await act(here), 400);
    refused(await act(there), 400);
    await permit(user.id, 1);
    refused(await act(here), 403);
    clock.advance(SECOND);
    refused(await act(there), 403);
    await permit(user.id, 4);
    refused(await act(here), 400);
    clock.advance(SECOND);
    refused(await act(there), 400);
  });

  it('end when the session has expired, whatever the token says', async () => {
    const user = await here.login('sleeper');
    const { sid } = JSON.parse(Buffer.from(user.token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    await here.tamper('UPDATE login_sessions SET expires_at = ? WHERE id = ?', [clock.now() - 1, sid]);
    clock.advance(SECOND);
    refused(await validate(here, user.token), 401, 'invalid token');
  });

  describe('refresh tokens', () => {
    it('rotate: each is spent once, the newest lives on', async () => {
      const first = await here.login('rotate');
      const second = await renewed(here, first.refreshToken);
      clock.advance(GRACE + 1);
      const third = await renewed(there, second.refreshToken);
      expect(new Set([first.refreshToken, second.refreshToken, third.refreshToken]).size).toBe(3);
      succeeded(await validate(here, third.token));
    });

    it('answer a retry within the grace with the same successor, also on the other instance', async () => {
      const { refreshToken } = await here.login('lost-reply');
      const first = await renewed(here, refreshToken);
      clock.advance(GRACE - 1000);
      expect((await renewed(there, refreshToken)).refreshToken).toBe(first.refreshToken);
      clock.advance(2 * GRACE);
      await renewed(here, first.refreshToken);
    });

    it('B5: the use of a spent one after the grace ends the whole login, access tokens too', async () => {
      const first = await here.login('stolen');
      const second = await renewed(here, first.refreshToken);
      const third = await renewed(here, second.refreshToken);
      succeeded(await validate(there, third.token));
      clock.advance(GRACE + 1);
      refused(await refresh(here, first.refreshToken), 401, 'invalid token');
      refused(await refresh(here, third.refreshToken), 401, 'invalid token');
      for (const token of [first.token, second.token, third.token]) {
        refused(await validate(here, token), 401, 'invalid token');
      }
      clock.advance(SECOND);
      refused(await validate(there, third.token), 401, 'invalid token');
    });

    it('B5: within the grace too, once the successor has been used', async () => {
      const first = await here.login('stolen-early');
      const second = await renewed(here, first.refreshToken);
      const third = await renewed(here, second.refreshToken);
      refused(await refresh(here, first.refreshToken), 401, 'invalid token');
      refused(await refresh(here, third.refreshToken), 401, 'invalid token');
    });

    it('theft ends one login, not the others of that user', async () => {
      const [stolen, own] = [await here.login('two-devices'), await here.login('two-devices')];
      await renewed(here, stolen.refreshToken);
      clock.advance(GRACE + 1);
      refused(await refresh(here, stolen.refreshToken), 401, 'invalid token');
      succeeded(await validate(here, own.token));
      await renewed(here, own.refreshToken);
    });

    it('rotate once when 20 requests on two instances spend the same one together', async () => {
      const { refreshToken, id } = await here.login('parallel');
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) => refresh(index % 2 === 0 ? here : there, refreshToken)),
      );
      const successors = new Set(replies.map((reply) => succeeded(reply)['refreshToken']));
      expect(successors.size).toBe(1);
      const rows = await here.rows(
        'SELECT r.hash FROM refresh_tokens r JOIN login_sessions s ON s.id = r.session_id WHERE s.user_id = ?',
        [id],
      );
      expect(rows).toHaveLength(2);
    });

    it('B7: work with an expired access token and without one', async () => {
      const { token, refreshToken } = await here.login('expired');
      clock.advance(31 * 86_400_000 - 2 * 86_400_000);
      const next = await renewed(here, refreshToken);
      clock.advance(2 * 86_400_000);
      refused(await validate(here, token), 401, 'invalid token');
      const again = await here.post('/api/v1/user/refresh', { refreshToken: next.refreshToken }, token);
      succeeded(await validate(here, succeeded(again)['token'] as string));
    });

    it('expire themselves', async () => {
      const { refreshToken } = await here.login('month');
      clock.advance(30 * 86_400_000 + 1);
      refused(await refresh(here, refreshToken), 401, 'invalid token');
      root = await here.login('root');
    });

    it('are stored as digests, their successors sealed', async () => {
      const { refreshToken } = await here.login('at-rest');
      const next = await renewed(here, refreshToken);
      const stored = JSON.stringify(await here.rows('SELECT * FROM refresh_tokens'));
      for (const token of [refreshToken, next.refreshToken]) expect(stored).not.toContain(token);
    });

    it('are nobody’s under another server secret, unspent ones too', async () => {
      const { refreshToken } = await here.login('other-secret');
      const moved = await here.beside({ env: { JWT_SECRET: 'aN0ther-Installation-Secret-2b9d8f7e6c5' } });
      const reply = await refresh(moved, refreshToken);
      await moved.stop();
      refused(reply, 401, 'invalid token');
      await renewed(here, refreshToken);
    });

    it('refuse cleanly what was sealed under an earlier secret', async () => {
      const { refreshToken } = await here.login('new-secret');
      await renewed(here, refreshToken);
      const env = { JWT_SECRET: 'aN0ther-Installation-Secret-2b9d8f7e6c5' };
      const moved = await here.beside({ env });
      const reply = await refresh(moved, refreshToken);
      await moved.stop();
      refused(reply, 401, 'invalid token');
    });
  });
});
