import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../support/api-v1.js';
import { TestApp, type TestUser } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { WebClient } from '../support/web.js';

const CACHED_FOR = 1000;

/** Passport's own instance is one for the whole process: on it the application started last would answer for all. */
describe('two applications in one process, each with its own users', () => {
  const clock = new TestClock();
  let first: TestApp;
  let second: TestApp;
  let ofFirst: TestUser;
  let ofSecond: TestUser;

  beforeAll(async () => {
    first = await TestApp.start({ clock });
    ofFirst = await first.login('alice');
    second = await TestApp.start({ clock });
    ofSecond = await second.login('bob');
  });
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  const validate = (app: TestApp, token: string) => app.get('/api/v1/user/validate', {}, token);

  it('know the tokens of their own logins and no others, also when nothing is cached', async () => {
    for (let round = 0; round < 2; round += 1) {
      succeeded(await validate(first, ofFirst.token));
      succeeded(await validate(second, ofSecond.token));
      refused(await validate(first, ofSecond.token), 401, 'invalid token');
      refused(await validate(second, ofFirst.token), 401, 'invalid token');
      clock.advance(CACHED_FOR);
    }
  });

  it('know their own cookies only', async () => {
    const client = await WebClient.signUp(first);
    await WebClient.signUp(second);
    const ask = async (app: TestApp) =>
      (await app.get('/user').set('Cookie', `session=${client.cookie}`)).body as { code: number };
    clock.advance(CACHED_FOR);
    expect((await ask(first)).code).toBe(0);
    expect((await ask(second)).code).toBe(10003);
  });

  it('answer many requests at once each with its own caller', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, (_, index) => first.login(`crowd${index}`)));
    clock.advance(CACHED_FOR);
    const profiles = await Promise.all(users.map(({ token }) => first.get('/api/v1/user/profile', {}, token)));
    expect(profiles.map((reply) => succeeded(reply)['userId'])).toEqual(users.map(({ id }) => id));
  });
});
