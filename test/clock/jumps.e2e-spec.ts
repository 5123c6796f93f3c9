import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/common/clock.js';
import { SteadyClock } from '../../src/common/time/steady-clock.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { ClockWatch } from '../../src/operations/clock-watch.js';
import { succeeded } from '../support/api-v1.js';
import type { TestApp } from '../support/app.js';
import { RunningClock } from '../support/clock.js';
import { accepted, expectCoins, partnerOf } from '../support/open.js';
import { openTill } from '../support/till.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const MONTHS = 60 * DAY;

const logs: string[] = [];
const machine = new RunningClock();
const env = { LOG_LEVEL: 'warn' };
const { app, mall, till, buyer, merchant } = openTill({ clock: new SteadyClock(machine), env, logs });
const partner = partnerOf(app);

interface Readiness {
  readonly status: string;
  readonly warnings: readonly string[];
}

const readiness = async (at: TestApp): Promise<Readiness> =>
  (await at.get('/health/ready').expect(200)).body as Readiness;
const jumpsOf = async (at: TestApp): Promise<number> =>
  Number(/^livemall_clock_jumps (\d+)$/m.exec((await at.get('/metrics')).text)?.[1]);
const errors = (): string[] =>
  logs
    .map((line) => JSON.parse(line) as { level: number; msg: string; context?: string })
    .filter(({ level, context }) => level === 50 && context === 'clock')
    .map(({ msg }) => msg);

/** One tick of an instance, in which it does all that it believes to be due. */
async function tick(at: TestApp): Promise<void> {
  await at.app.get(ClockWatch).check();
  await at.app.get(JobsService).runDue();
}

let order: number;
let paid: number;
let openId: string;

beforeAll(async () => {
  const product = await mall.product(merchant);
  [order] = await mall.order(buyer, [product]);
  [paid] = await mall.order(buyer, [product]);
  await till.payByWechat(buyer, [paid]);
  openId = await partner.openId();
  accepted(await partner.changeGold(openId, 1, 10, { expriation: String(partner.seconds + 7200) }));
  accepted(await partner.changeGold(openId, 1, 10, { expriation: String(partner.seconds + 30 * 86_400) }));
});

/** What is gone by time is gone for good. */
async function expectNothingGone(coins = 20): Promise<void> {
  expect((await mall.orderInfo(buyer, order)).now_status).toBe(1);
  expect((await mall.orderInfo(buyer, paid)).now_status).toBe(2);
  await expectCoins(app, partner, openId, coins);
  succeeded(await app.get('/api/v1/user/validate', {}, buyer.token));
  succeeded(await app.post('/api/v1/user/refresh', { refreshToken: merchant.refreshToken }));
  expect(await app.rows('SELECT id FROM payment_notifications')).toHaveLength(1);
}

describe('a clock that is wrong for some ticks', () => {
  let jumped = 0;
  const jump = (milliseconds: number): void => {
    machine.jump(milliseconds);
    jumped += milliseconds;
  };
  afterEach(async () => {
    machine.jump(-jumped);
    jumped = 0;
    await tick(app);
  });

  it.each([MONTHS, 25 * HOUR, -25 * HOUR])('takes nothing away, %d ms off', async (off) => {
    jump(off);
    for (let count = 0; count < 3; count += 1) await tick(app);
    jump(-off);
    await tick(app);
    await expectNothingGone();
  });

  it('does not date what is booked', async () => {
    jump(MONTHS);
    await till.grant(buyer, 'CNY', 1);
    const [{ latest }] = await app.rows<{ latest: number }>(
      'SELECT MAX(created_at) AS latest FROM ledger_transactions',
    );
    expect(Math.abs(latest - Date.now())).toBeLessThan(10 * SECOND);
  });

  it('is an error in the log, a count and a warning of readiness, once for each jump', async () => {
    const [before, counted] = [errors().length, await jumpsOf(app)];
    jump(25 * HOUR);
    for (let count = 0; count < 3; count += 1) await tick(app);
    expect(errors().slice(before)).toEqual([
      expect.stringMatching(/^this machine's clock is (90000|89999) s ahead of the time that has passed$/),
    ]);
    const warned = expect.stringContaining("this machine's clock is");
    expect(await readiness(app)).toMatchObject({ status: 'ok', warnings: expect.arrayContaining([warned]) });
    expect(await jumpsOf(app)).toBe(counted + 1);
    jump(-25 * HOUR);
    await tick(app);
    expect(errors()).toHaveLength(before + 2);
    expect(await jumpsOf(app)).toBe(counted + 2);
    expect((await readiness(app)).warnings).toEqual([expect.stringContaining('right again')]);
  });
});

describe('an instance that starts', () => {
  it('with a clock a day ahead takes nothing away either', async () => {
    const wrong = new RunningClock();
    wrong.jump(25 * HOUR);
    // Marks say when a server was last up; on MySQL the database says what the time is.
    await app.tamper('INSERT INTO uptime_marks (id, created_at) VALUES (1, ?)', [Date.now()]);
    const other = await app.beside({ clock: new SteadyClock(wrong), env, logs });
    await tick(other);
    accepted(await partnerOf(other, other.app.get(Clock)).changeGold(openId, 2, 5));
    await other.stop();
    await tick(app);
    await expectNothingGone(15);
    const said = app.database.kind === 'mysql' ? "this machine's clock is 90000 s ahead" : 'or the clock is ahead';
    expect(logs.join('')).toContain(said);
  });

  it('with a clock that is behind the time at which a server was last up says so', async () => {
    await app.tamper('UPDATE uptime_marks SET created_at = ?', [Date.now() + HOUR]);
    const other = await app.beside({ clock: new SteadyClock(new RunningClock()), env });
    expect((await readiness(other)).warnings).toEqual([
      expect.stringMatching(/^the clock is 3(600|599) s behind the time at which a server was last up$/),
    ]);
    await other.stop();
  });
});
