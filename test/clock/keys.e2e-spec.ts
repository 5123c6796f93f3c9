import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { succeeded } from '../support/api-v1.js';
import type { TestApp, TestUser } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { describeMall } from '../support/stage.js';

const HOUR = 3_600_000;
const clock = new TestClock();
const wrong = new TestClock(clock.now() + 25 * HOUR);

describeMall('an Idempotency-Key has one effect, also', { clock }, ({ app, loggedIn }) => {
  const root = loggedIn('root', 7);
  let buyer: TestUser;
  let key = 0;

  beforeAll(async () => {
    buyer = await app.login('buyer');
  });
  afterEach(async () => {
    expect(await pay(app)).toBe(balanceBefore + 5);
    key += 1;
    balanceBefore += 5;
  });
  let balanceBefore = 0;

  const forget = (at: TestApp) => at.app.get(JobsService).runNow('idempotency.cleanup');
  /** Grants 5 yuan under the key of the test; returns the balance. */
  async function pay(at: TestApp): Promise<number> {
    const body = { userId: buyer.id, asset: 'CNY', amount: 5, reason: 'x' };
    succeeded(await at.post('/api/v1/wallet/grant', body, root.token).set('Idempotency-Key', `key-${key}`));
    return succeeded(await app.get('/api/v1/wallet', {}, buyer.token))['balance'] as number;
  }

  it('when the clock was a day ahead for one look at what is old', async () => {
    await pay(app);
    clock.jump(25 * HOUR);
    await forget(app);
    clock.jump(-25 * HOUR);
  });

  it('when it was used while the clock was a day behind', async () => {
    clock.jump(-25 * HOUR);
    await pay(app);
    clock.jump(25 * HOUR);
    await forget(app);
  });

  it('when another instance has a wrong clock', async () => {
    await pay(app);
    const other = await app.beside({ clock: wrong });
    await forget(other);
    await other.stop();
  });

  it('when the server starts again with a wrong clock', async () => {
    await pay(app);
    const restarted = await app.beside({ clock: wrong });
    wrong.advance(30_000);
    await restarted.app.get(JobsService).runDue();
    await restarted.stop();
  });
});
