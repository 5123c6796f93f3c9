import { describe, expect, it } from '@jest/globals';
import type { Config } from '../config/config.js';
import type { WireRequest } from '../protocols/dialect.js';
import { authenticate, Passport } from '../protocols/passport.js';
import { OperatorStrategy } from './operator.strategy.js';

const TOKEN = 'k7Qw2_mZr9';

/** Whether somebody at that address, with that header, gets in. */
async function admits(config: Partial<Config>, address: string, authorization?: string): Promise<boolean> {
  const passport = new Passport();
  const settings = { production: true, metricsToken: null, trustedProxies: [], ...config } as unknown as Config;
  const strategy = new OperatorStrategy(passport, settings);
  expect(strategy).toBeDefined();
  const request = { ip: address, headers: { authorization } } as WireRequest;
  return authenticate(passport, 'operator', request).then(
    () => true,
    (error: { code: string }) => {
      expect(error.code).toBe('unknown_route');
      return false;
    },
  );
}

describe('the operator in production', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is whoever asks from %s', async (address) => {
    expect(await admits({}, address)).toBe(true);
  });

  it('is elsewhere only who has the token', async () => {
    expect(await admits({}, '203.0.113.1')).toBe(false);
    expect(await admits({}, '203.0.113.1', 'Bearer null')).toBe(false);
    expect(await admits({ metricsToken: TOKEN }, '203.0.113.1', `Bearer ${TOKEN}`)).toBe(true);
    for (const wrong of [undefined, TOKEN, `Bearer ${TOKEN}x`, `bearer ${TOKEN}`]) {
      expect(await admits({ metricsToken: TOKEN }, '203.0.113.1', wrong)).toBe(false);
    }
  });
});

it('the operator is everybody outside production', async () => {
  expect(await admits({ production: false }, '203.0.113.1')).toBe(true);
});
