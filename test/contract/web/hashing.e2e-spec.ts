import { stat } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { describeMall } from '../../support/stage.js';
import { PASSWORD, WEB_ENV, WebClient } from '../../support/web.js';

/** A hundred times the work of a password in production: one takes a second or two. */
const SLOW = { ...WEB_ENV, ARGON2_MEMORY_KIB: '131072', ARGON2_TIME: '20' };
const LOGINS = 50;

describeMall('web: a storm of logins', { env: SLOW }, ({ app }) => {
  it('L7: leaves threads for files and names and the loop to others, and tells who waits too long to come again', async () => {
    const client = await WebClient.signUp(app);
    let answered = 0;
    const login = async (): Promise<Response> => {
      const reply = await client.post('/account/login', { phone: client.phone, password: PASSWORD });
      answered += 1;
      return reply;
    };
    const logins = Promise.all(Array.from({ length: LOGINS }, login));
    for (let beat = 0; beat < 3; beat += 1) expect((await app.get('/health/live')).status).toBe(200);
    // Each would wait for the end of a hash if hashes had all the threads.
    for (let look = 0; look < 40; look += 1) await stat('package.json');
    expect(answered).toBe(0);
    const replies = await logins;
    const refused = replies.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body, headers } of refused) {
      expect([body, headers['retry-after']]).toEqual([{ code: 10001, msg: 'too many logins at once' }, '1']);
    }
    expect(replies.filter(({ status, body }) => status === 200 && body.code === 0)).toHaveLength(
      LOGINS - refused.length,
    );
    expect((await client.get('/user')).body.code).toBe(0);
  });
});
