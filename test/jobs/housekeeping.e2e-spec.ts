import { expect, it } from '@jest/globals';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { openMall } from '../support/stage.js';

const { app } = openMall();
const count = async (table: string) =>
  Number((await app.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

it('deletes logins that expired more than a week ago and keeps the others', async () => {
  await app.login('old');
  const week = 7 * 86_400_000;
  await app.tamper('UPDATE login_sessions SET expires_at = ?', [Date.now() - week - 1000]);
  await app.tamper('UPDATE refresh_tokens SET expires_at = ?', [Date.now() - week - 1000]);
  const kept = await app.login('new');
  await app.app.get(JobsService).runNow('auth.cleanup');
  expect(await count('login_sessions')).toBe(1);
  expect(await count('refresh_tokens')).toBe(1);
  expect((await app.get('/api/v1/user/validate', {}, kept.token)).status).toBe(200);
});
