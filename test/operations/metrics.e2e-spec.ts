import { expect, it } from '@jest/globals';
import { describeMall } from '../support/stage.js';
import { PRODUCTION_ENV } from '../support/production.js';

const TOKEN = 'k7Qw2_mZr9';
const SOMEBODY = '203.0.113.9';

describeMall(
  'N6: /metrics in production behind a proxy on the same machine',
  { env: { ...PRODUCTION_ENV, TRUSTED_PROXIES: 'loopback', METRICS_TOKEN: TOKEN } },
  ({ app }) => {
    const ask = (forwarded: string) => app.get('/metrics').set('X-Forwarded-For', forwarded);

    it('is there for whoever asks from this machine, and for nobody whom the proxy names', async () => {
      expect((await app.get('/metrics')).status).toBe(200);
      for (const forwarded of [SOMEBODY, `127.0.0.1, ${SOMEBODY}`, '2001:db8::1', 'unknown']) {
        expect([forwarded, (await ask(forwarded)).status]).toEqual([forwarded, 404]);
      }
    });

    it('is there for who has the token, wherever he is', async () => {
      expect((await ask(SOMEBODY).set('Authorization', `Bearer ${TOKEN}`)).status).toBe(200);
      expect((await ask(SOMEBODY).set('Authorization', `Bearer ${TOKEN}x`)).status).toBe(404);
    });
  },
);

describeMall(
  'N6: /metrics in production behind a proxy that TRUSTED_PROXIES does not name',
  { env: PRODUCTION_ENV },
  ({ app }) => {
    it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP'])(
      'is not there for a request with %s, whatever it says',
      async (name) => {
        expect((await app.get('/metrics')).status).toBe(200);
        for (const value of [SOMEBODY, '127.0.0.1', 'for=127.0.0.1']) {
          expect((await app.get('/metrics').set(name, value)).status).toBe(404);
        }
      },
    );
  },
);
