import { expect, it } from '@jest/globals';
import { GrantError, grantPermission } from '../../scripts/users/grant.js';
import { refused, succeeded } from '../support/api-v1.js';
import { describeMall } from '../support/stage.js';
import { TestClock } from '../support/clock.js';

const clock = new TestClock();

describeMall('npm run user:grant', { clock }, ({ app }) => {
  const grant = (...args: string[]) => grantPermission(app.config, args);
  const permissionOf = async (token: string) => {
    clock.advance(1000);
    return succeeded(await app.get('/api/v1/user/profile', {}, token))['permission'];
  };

  it('makes the first root by user id, seen by the running server within a second', async () => {
    const { id, token } = await app.login('first');
    expect(await grant('--user-id', String(id), '--permission', '7')).toBe(`user ${id} has permission 7 now`);
    expect(await permissionOf(token)).toBe(7);
  });

  it('finds a user by openid', async () => {
    const openid = 'oGrantedByOpenid';
    const code = app.simulator.control.issueLoginCode({ openid });
    const { token } = succeeded(await app.get('/api/v1/user/code', { code })) as { token: string };
    await grant('--openid', openid, '--permission=3');
    expect(await permissionOf(token)).toBe(3);
    await grant('--openid', openid, '--permission', '0');
    clock.advance(1000);
    refused(await app.get('/api/v1/user/profile', {}, token), 401, 'invalid token');
  });

  it('keeps the rules of user/modifyPermission: known users, and never the last root', async () => {
    await expect(grant('--user-id', '999999', '--permission', '1')).rejects.toThrow('user not found');
    await expect(grant('--openid', 'oNobody', '--permission', '7')).rejects.toThrow('nobody has logged in');
    await expect(grant('--openid', 'ograntedbyopenid', '--permission', '7')).rejects.toThrow('nobody has logged in');
    const { id } = await app.login('first');
    await expect(grant('--user-id', String(id), '--permission', '1')).rejects.toThrow('the last root');
  });

  it.each([
    [[]],
    [['--permission', '7']],
    [['--user-id', '1']],
    [['--user-id', '1', '--openid', 'o', '--permission', '1']],
    [['--user-id', '1', '--permission', '8']],
    [['--user-id', '1', '--permission', '-1']],
    [['--user-id', "1' OR 1=1", '--permission', '7']],
    [['--user-id', '0', '--permission', '7']],
    [['--unknown', '1']],
    [['1', '7']],
  ])('explains itself when it is asked for %j', async (args) => {
    const failure = await grant(...args).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GrantError);
    expect((failure as Error).message).toContain('npm run user:grant');
  });
});
