import { beforeAll, expect, it } from '@jest/globals';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { ClockWatch } from '../../src/operations/clock-watch.js';
import { succeeded } from '../support/api-v1.js';
import type { TestApp } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { describeMall } from '../support/stage.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const clock = new TestClock();

describeMall('uptime is what has passed while a server was up', { clock }, ({ app, loggedIn }) => {
  const root = loggedIn('root', 7);
  let other: TestApp;

  beforeAll(async () => {
    other = await app.beside();
  });

  const marks = async (): Promise<number> => (await app.rows('SELECT id FROM uptime_marks')).length;
  async function pass(minutes: number): Promise<void> {
    for (let left = minutes; left > 0; left -= 1) {
      clock.advance(MINUTE);
      await Promise.all([app, other].map((at) => at.app.get(ClockWatch).check()));
    }
  }

  it('in steps of ten minutes, one for all instances', async () => {
    await pass(9);
    expect(await marks()).toBe(0);
    await pass(1);
    expect(await marks()).toBe(1);
    await pass(30);
    expect(await marks()).toBe(4);
  });

  it('whatever the clock says', async () => {
    const before = await marks();
    for (const jump of [DAY, -2 * DAY, DAY]) {
      clock.jump(jump);
      await pass(3);
    }
    expect(await marks()).toBe(before);
    await pass(1);
    expect(await marks()).toBe(before + 1);
  });

  it('and starts anew with every start', async () => {
    const before = await marks();
    for (let count = 0; count < 3; count += 1) {
      clock.advance(9 * MINUTE);
      const restarted = await app.beside();
      await restarted.app.get(ClockWatch).check();
      await restarted.stop();
    }
    expect(await marks()).toBe(before);
  });

  it('so that an Idempotency-Key is there for 24 hours of it, and then goes', async () => {
    const body = { userId: root.id, asset: 'CNY', amount: 5, reason: 'x' };
    succeeded(await app.post('/api/v1/wallet/grant', body, root.token).set('Idempotency-Key', 'kept'));
    const keys = async (): Promise<number> => {
      await app.app.get(JobsService).runNow('idempotency.cleanup');
      return (await app.rows('SELECT id FROM idempotency_keys')).length;
    };
    await pass(1439);
    expect(await keys()).toBe(1);
    await pass(21);
    expect(await keys()).toBe(0);
    expect(await marks()).toBe(145);
  });
});
