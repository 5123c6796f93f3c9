import { beforeAll, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import type { TestApp } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { describeMall } from '../support/stage.js';
import { WebClient, WEB_ENV } from '../support/web.js';

const HOUR = 3_600_000;
const SECOND = 1000;
const clock = new TestClock();
const wrong = new TestClock();

describeMall('while a clock goes back by an hour', { clock, env: WEB_ENV }, ({ app: here, loggedIn }) => {
  const root = loggedIn('root', 7);
  let there: TestApp;

  beforeAll(async () => {
    there = await here.beside({ clock: wrong, env: WEB_ENV });
  });

  const disable = (userId: number) =>
    here.post('/api/v1/user/modifyPermission', { userId, permission: 0 }, root.token).expect(200);
  const validate = (token: string) => there.get('/api/v1/user/validate', {}, token);

  it('an account that was disabled elsewhere ends within a second', async () => {
    const user = await here.login('disabled');
    succeeded(await validate(user.token));
    wrong.jump(-HOUR);
    await disable(user.id);
    wrong.advance(SECOND);
    refused(await validate(user.token), 401, 'invalid token');
  });

  it('and a cookie of such an account too', async () => {
    const client = await WebClient.signUp(here);
    const asked = async () =>
      ((await there.get('/user').set('Cookie', `session=${client.cookie}`)).body as { code: number }).code;
    expect(await asked()).toBe(0);
    const [{ id }] = await here.rows<{ id: number }>('SELECT id FROM users WHERE phone = ?', [client.phone]);
    wrong.jump(-HOUR);
    await disable(id);
    wrong.advance(SECOND);
    expect(await asked()).toBe(10003);
  });
});
