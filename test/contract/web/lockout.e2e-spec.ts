import { expect, it } from '@jest/globals';
import request from 'supertest';
import { TestApp } from '../../support/app.js';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { freshPhone, PASSWORD, WEB_ENV, WebClient } from '../../support/web.js';

const MINUTE = 60_000;
const WRONG = { password: 'wrong password' };

const clock = new TestClock();

describeMall('web: lock-out after wrong passwords', { env: WEB_ENV, clock }, ({ app }) => {
  async function login(phone: string, password: string, client = new WebClient(app)): Promise<number> {
    return Number((await client.post('/account/login', { phone, password })).body.code);
  }

  /** Wrong logins, each from an address of its own. */
  async function fail(phone: string, times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) expect(await login(phone, WRONG.password)).toBe(10002);
  }

  it('refuses the sixth attempt for a phone with 10001, HTTP 200 and Retry-After, the right password too', async () => {
    const { phone } = await WebClient.signUp(app);
    await fail(phone, 5);
    const reply = await new WebClient(app).post('/account/login', { phone, password: PASSWORD });
    expect([reply.status, reply.body.code, reply.headers['retry-after']]).toEqual([200, 10001, '1']);
  });

  it('does not hash while it refuses', async () => {
    const { phone, userId } = await WebClient.signUp(app);
    await fail(phone, 5);
    await app.tamper('UPDATE passwords SET hash = ? WHERE user_id = ?', ['no hash at all', userId]);
    expect(await login(phone, PASSWORD)).toBe(10001);
  });

  it('waits 1, 2, 4 … seconds, at most 15 minutes, and never for ever', async () => {
    const { phone } = await WebClient.signUp(app);
    await fail(phone, 5);
    for (const seconds of [1, 2, 4, 8, 16]) {
      clock.advance(seconds * 1000 - 1);
      expect(await login(phone, PASSWORD)).toBe(10001);
      clock.advance(1);
      expect(await login(phone, WRONG.password)).toBe(10002);
    }
    clock.advance(15 * MINUTE);
    expect(await login(phone, PASSWORD)).toBe(0);
  });

  it('forgets the failures of a phone at a success', async () => {
    const { phone } = await WebClient.signUp(app);
    await fail(phone, 4);
    expect(await login(phone, PASSWORD)).toBe(0);
    await fail(phone, 4);
    expect(await login(phone, PASSWORD)).toBe(0);
  });

  it('counts only the failures of the last 15 minutes', async () => {
    const { phone } = await WebClient.signUp(app);
    await fail(phone, 4);
    clock.advance(15 * MINUTE + 1);
    await fail(phone, 4);
    expect(await login(phone, PASSWORD)).toBe(0);
  });

  it('treats an unknown phone exactly as a known one', async () => {
    const known = await WebClient.signUp(app);
    const answers = async (phone: string): Promise<unknown[]> => {
      const replies: unknown[] = [];
      for (let n = 0; n < 8; n += 1) {
        const { status, body, headers } = await new WebClient(app).post('/account/login', { phone, ...WRONG });
        replies.push([status, body, headers['retry-after']]);
      }
      return replies;
    };
    expect(await answers(known.phone)).toEqual(await answers(freshPhone()));
  });

  /** Wrong passwords from one address, each for another phone, that nobody refuses. */
  async function failFrom(client: WebClient, times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) expect(await login(freshPhone(), WRONG.password, client)).toBe(10002);
  }

  it('locks nobody else out behind the address from which some wrong passwords came', async () => {
    const { phone } = await WebClient.signUp(app);
    const shared = new WebClient(app);
    await failFrom(shared, 25);
    expect(await login(phone, PASSWORD, shared)).toBe(0);
  });

  it('counts an address over all phones, refuses it after 100 for a minute at the longest, and a success does not clear it', async () => {
    const { phone } = await WebClient.signUp(app);
    const shared = new WebClient(app);
    await failFrom(shared, 99);
    expect(await login(phone, PASSWORD, shared)).toBe(0);
    await failFrom(shared, 1);
    expect(await login(phone, PASSWORD, shared)).toBe(10001);
    expect(await login(phone, PASSWORD)).toBe(0);
    for (let n = 0; n < 8; n += 1) {
      clock.advance(MINUTE);
      await failFrom(shared, 1);
    }
    clock.advance(MINUTE - 1);
    expect(await login(phone, PASSWORD, shared)).toBe(10001);
    clock.advance(1);
    expect(await login(phone, PASSWORD, shared)).toBe(0);
  });

  it('takes a whole /64 of IPv6 as one address, and a mapped IPv4 address as itself', async () => {
    const { phone } = await WebClient.signUp(app);
    const from = (address: string) => Object.assign(new WebClient(app), { address });
    for (let n = 1; n <= 100; n += 1) await failFrom(from(`2001:db8:0:7::${n}`), 1);
    expect(await login(phone, PASSWORD, from('2001:db8:0:7:ffff::1'))).toBe(10001);
    expect(await login(phone, PASSWORD, from('2001:db8:0:8::1'))).toBe(0);
    await failFrom(from('203.0.113.9'), 100);
    expect(await login(phone, PASSWORD, from('::ffff:203.0.113.9'))).toBe(10001);
  });

  it('holds under 40 parallel wrong passwords: at most the free ones and those being hashed get an answer', async () => {
    const { phone } = await WebClient.signUp(app);
    const codes = await Promise.all(Array.from({ length: 40 }, () => login(phone, WRONG.password)));
    expect(codes.filter((code) => code === 10002).length).toBeLessThanOrEqual(8);
    expect(await login(phone, PASSWORD)).toBe(10001);
    clock.advance(15 * MINUTE);
    expect(await login(phone, PASSWORD)).toBe(0);
  });

  it('refuses with 10001, and does not fall over, when more logins come than may wait', async () => {
    const { phone } = await WebClient.signUp(app);
    const codes = await Promise.all(Array.from({ length: 120 }, () => login(phone, PASSWORD)));
    expect(codes.every((code) => code === 0 || code === 10001)).toBe(true);
    expect(codes.filter((code) => code === 0).length).toBeGreaterThanOrEqual(51);
    expect(await login(phone, PASSWORD)).toBe(0);
  });

  it('is the same on another instance and after a restart', async () => {
    const { phone } = await WebClient.signUp(app);
    await fail(phone, 5);
    const second = await app.beside({ env: WEB_ENV });
    try {
      const reply = await request(second.url).post('/account/login').send({ phone, password: PASSWORD });
      expect(reply.body.code).toBe(10001);
    } finally {
      await second.stop();
    }
  });

  it('ignores X-Forwarded-For from anybody who is no trusted proxy', async () => {
    const plain = await TestApp.start({ env: { ...WEB_ENV, TRUSTED_PROXIES: '' }, clock });
    try {
      const { phone } = await WebClient.signUp(plain);
      for (let n = 0; n < 100; n += 1) {
        const reply = await new WebClient(plain).post('/account/login', { phone: freshPhone(), ...WRONG });
        expect(reply.body.code).toBe(10002);
      }
      expect((await new WebClient(plain).post('/account/login', { phone, password: PASSWORD })).body.code).toBe(10001);
    } finally {
      await plain.stop();
    }
  });

  it('makes the hash anew at the next login when the configured cost has risen, not when it has fallen', async () => {
    const { phone, userId } = await WebClient.signUp(app);
    const hashNow = async () =>
      (await app.rows<{ hash: string }>('SELECT hash FROM passwords WHERE user_id = ?', [userId]))[0]?.hash ?? '';
    const first = await hashNow();
    const dearer = await app.beside({ env: { ...WEB_ENV, ARGON2_MEMORY_KIB: '128', ARGON2_TIME: '2' } });
    try {
      expect(
        (
          await request(dearer.url)
            .post('/account/login')
            .send({ phone, ...WRONG })
        ).body.code,
      ).toBe(10002);
      expect(await hashNow()).toBe(first);
      expect((await request(dearer.url).post('/account/login').send({ phone, password: PASSWORD })).body.code).toBe(0);
    } finally {
      await dearer.stop();
    }
    const second = await hashNow();
    expect(second).toMatch(/^\$argon2id\$v=19\$m=128,t=2,p=1\$/);
    expect(await login(phone, PASSWORD)).toBe(0);
    expect(await hashNow()).toBe(second);
  });
});
