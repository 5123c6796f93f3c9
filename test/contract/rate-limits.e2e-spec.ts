import { beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response, type Test } from 'supertest';
import { refused, succeeded } from '../support/api-v1.js';
import { RateCounters } from '../../src/protocols/limits/rate-counters.js';
import { LIMITS, type Limited } from '../../src/protocols/limits/rate-limit.js';
import { describeMall } from '../support/stage.js';
import { TestClock } from '../support/clock.js';
import { routesOf, type DeclaredRoute } from '../support/routes.js';

const PER_ADDRESS = 300;
const PER_USER = 90;

async function burst(count: number, call: () => Test): Promise<Response[]> {
  const replies: Response[] = [];
  for (let sent = 0; sent < count; sent += 30) {
    replies.push(...(await Promise.all(Array.from({ length: Math.min(30, count - sent) }, call))));
  }
  return replies;
}

const clock = new TestClock();

describeMall('rate limits', { clock, env: { RATE_LIMIT: 'on', TRUSTED_PROXIES: 'loopback' } }, ({ app }) => {
  const isLimited = (reply: Response): void => {
    const wait = Number(reply.headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
  };

  it('count the logins of one address together over all wires, each refusal in its envelope', async () => {
    const from = (test: Test) => test.set('X-Forwarded-For', '203.0.113.7');
    const refresh = () => from(app.post('/api/v1/user/refresh', { refreshToken: 'x' }));
    const replies = await burst(PER_ADDRESS, refresh);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    const apiV1 = await refresh();
    refused(apiV1, 429);
    isLimited(apiV1);
    const liveuser = await from(app.post('/liveuser/Wx/RenewToken', { refresh_token: 'x' }));
    expect(liveuser.status).toBe(429);
    expect(liveuser.body).toMatchObject({ id: 'error-too-many', code: 429 });
    isLimited(liveuser);
    clock.advance(60_000);
    refused(await refresh(), 401);
  });

  it('leave another address alone, and refuse none of IPv6 for its neighbour outside the /64', async () => {
    const at = (address: string) =>
      app.post('/api/v1/user/refresh', { refreshToken: 'x' }).set('X-Forwarded-For', address);
    refused(await at('203.0.113.8'), 401);
    let host = 0;
    await burst(PER_ADDRESS, () => at(`2001:db8:1:2::${(host += 1).toString(16)}`));
    refused(await at('2001:db8:1:2:ffff::1'), 429);
    refused(await at('2001:db8:1:3::1'), 401);
  });

  it('answer the web wire with HTTP 200, code 10001 and Retry-After', async () => {
    const login = () => app.post('/account/login', { phone: '1', password: '' }).set('X-Forwarded-For', '203.0.113.9');
    await burst(PER_ADDRESS, login);
    const reply = await login();
    expect([reply.status, reply.body]).toEqual([200, { code: 10001, msg: 'too many requests' }]);
    isLimited(reply);
  });

  it('count orders and comments per user, whatever his address', async () => {
    const [eager, calm] = [await app.login('eager'), await app.login('calm')];
    let host = 0;
    const order = (token: string) =>
      app.post('/api/v1/order/generateOrder', {}, token).set('X-Forwarded-For', `198.51.100.${(host += 1) % 250}`);
    const replies = await burst(PER_USER, () => order(eager.token));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]));
    isLimited(await order(eager.token));
    refused(await order(eager.token), 429);
    refused(await order(calm.token), 400);
    succeeded(await app.post('/api/v1/comment/add', { comments: [] }, eager.token));
    expect((await app.post('/liveuser/Order/Create', {}, eager.token)).status).toBe(429);
  });

  it('let a crowd behind one address look around, and refuse a flood of searches there on every wire’s own terms', async () => {
    expect([LIMITS.list, LIMITS.search]).toEqual([3000, 900]);
    const at = (test: Test) => test.set('X-Forwarded-For', '203.0.113.30');
    const counters = app.app.get(RateCounters);
    for (const kind of ['list', 'search'] as const) {
      for (let count = 0; count < LIMITS[kind]; count += 1)
        await counters.hit(`${kind} address 203.0.113.30`, LIMITS[kind]);
    }
    refused(await at(app.post('/api/v1/search', { key: '鸡' })), 429, 'too many requests');
    refused(await at(app.get('/api/v1/product/homeTab')), 429, 'too many requests');
    const web = await at(app.get('/products'));
    expect([web.status, web.body]).toEqual([200, { code: 10001, msg: 'too many requests' }]);
    isLimited(web);
    expect((await at(app.get('/api/v1/product/homePicture'))).status).toBe(200);
    clock.advance(60_000);
    succeeded(await at(app.get('/api/v1/product/homeTab')));
  });

  describe('count each request once, whatever its route, and then refuse every route', () => {
    /** Routes that count together: those of a kind that know the caller, and those that know his address only. */
    const groups = new Map<string, DeclaredRoute[]>();
    const send = ({ method, path }: DeclaredRoute, token: string, address: string): Test => {
      const verb = method.toLowerCase() as 'get' | 'post';
      const call = request(app.url)[verb](path.replace(/:\w+/g, 'x'));
      return call.set({ Authorization: `Bearer ${token}`, 'X-Forwarded-For': address });
    };

    beforeAll(() => {
      for (const route of routesOf(app.app)) {
        if (!route.limit) continue;
        const group = `${route.limit} ${route.access!.kind}`;
        groups.set(group, [...(groups.get(group) ?? []), route]);
      }
    });

    it('knows all kinds', () => {
      const kinds = new Set([...groups.keys()].map((group) => group.split(' ')[0]));
      expect(kinds).toEqual(new Set(Object.keys(LIMITS)));
    });

    it.each([
      ['login public', '203.0.113.20'],
      ['login login', '203.0.113.21'],
      ['renewal public', '203.0.113.22'],
      ['order login', '203.0.113.23'],
      ['payment login', '203.0.113.24'],
      ['comment login', '203.0.113.25'],
      ['list public', '203.0.113.26'],
      ['search public', '203.0.113.27'],
    ])('%s', async (group, address) => {
      const routes = groups.get(group)!;
      const { token } = await app.login(`counted-${group.replace(' ', '-')}`);
      const kind = group.split(' ')[0] as Limited;
      const limit = LIMITS[kind];
      clock.advance(60_000);
      // Of a large limit the first part is counted without requests: which requests count is seen by the rest.
      const counters = app.app.get(RateCounters);
      const aside = Math.max(0, limit - PER_ADDRESS);
      for (let count = 0; count < aside; count += 1) await counters.hit(`${kind} address ${address}`, limit);
      let sent = 0;
      const replies = await burst(limit - aside, () => send(routes[(sent += 1) % routes.length], token, address));
      expect(replies.filter(({ headers }) => headers['retry-after'] !== undefined)).toEqual([]);
      for (const route of routes) isLimited(await send(route, token, address));
      clock.advance(60_000);
      expect((await send(routes[0], token, address)).headers['retry-after']).toBeUndefined();
    });

    it('are all of them', () => {
      expect([...groups.keys()].toSorted()).toEqual([
        'change login',
        'comment login',
        'inquiry login',
        'list public',
        'login login',
        'login public',
        'order login',
        'payment login',
        'phone login',
        'refund login',
        'renewal public',
        'search public',
      ]);
    });
  });

  it('do not count where RATE_LIMIT is off, and believe X-Forwarded-For only from trusted proxies', async () => {
    const off = await app.beside({ env: { RATE_LIMIT: 'off' } });
    const free = await burst(PER_ADDRESS + 5, () => off.post('/api/v1/user/refresh', { refreshToken: 'x' }));
    await off.stop();
    expect(new Set(free.map(({ status }) => status))).toEqual(new Set([401]));
    const direct = await app.beside({ env: { RATE_LIMIT: 'on' } });
    let host = 0;
    const spoofed = await burst(PER_ADDRESS + 5, () =>
      direct.post('/api/v1/user/refresh', { refreshToken: 'x' }).set('X-Forwarded-For', `192.0.2.${(host += 1) % 250}`),
    );
    await direct.stop();
    expect(spoofed.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});
