import { expect, it } from '@jest/globals';
import { exposureOf } from './exposure.js';

it.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1', 'localhost'])('nobody else reaches HOST=%s', (host) => {
  expect(exposureOf({ host, wechat: { mode: 'simulator' } })).toBeNull();
});

it.each(['0.0.0.0', '::', '192.168.1.5', '127.example.org', ''])('HOST=%s is warned of with the simulator', (host) => {
  expect(exposureOf({ host, wechat: { mode: 'simulator' } })).toMatch(
    /everybody on the network .* as root .* demo-root/,
  );
  expect(exposureOf({ host, wechat: { mode: 'live' } })).toBeNull();
});
