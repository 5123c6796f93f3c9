import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { JobsService } from '../../../src/modules/jobs/jobs.service.js';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

const DAY = 86_400;
const NEVER = 253_402_300_800_000;

const clock = new TestClock();

describeMall('open: coins that expire', { clock }, ({ app }) => {
  const partner = partnerOf(app, clock);
  let root: string;
  let uid: string;

  beforeAll(async () => {
    root = (await app.login('root', 7)).token;
  });
  beforeEach(async () => {
    uid = await partner.openId();
  });

  const addFor = (seconds: number, value: number) =>
    partner.changeGold(uid, 1, value, { expriation: String(partner.seconds + seconds) });
  const take = (value: number) => partner.changeGold(uid, 2, value);
  const pass = (seconds: number) => clock.advance(seconds * 1000);
  const expireByJob = () => app.app.get(JobsService).runNow('linkv.expire');
  const lots = async () => {
    const reply = await app.get('/api/v1/linkv/user', { openId: uid }, root).expect(200);
    const { data } = reply.body as {
      data: { tokens: number; lots: { value: number; remaining: number; expiresAt: number }[] };
    };
    expect(data.lots.reduce((sum, lot) => sum + lot.remaining, 0)).toBe(data.tokens);
    return data.lots;
  };
  const bookedAsExpired = async () => {
    const rows = await app.rows<{ amount: number }>(
      'SELECT e.amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id JOIN ledger_entries g ON ' +
        'g.transaction_id = e.transaction_id JOIN ledger_accounts u ON u.id = g.account_id ' +
        'WHERE a.address = ? AND u.address = ? ORDER BY e.id',
      [`platform:linkv:${partner.access.appId}:expired`, `linkv:${uid}:gold`],
    );
    return rows.map((row) => Number(row.amount));
  };

  it('takes from the lots that expire first', async () => {
    accepted(await addFor(3 * DAY, 30));
    accepted(await addFor(DAY, 10));
    accepted(await addFor(2 * DAY, 20));
    accepted(await take(15));
    expect((await lots()).map(({ value, remaining }) => [value, remaining])).toEqual([
      [20, 15],
      [30, 30],
    ]);
    await expectCoins(app, partner, uid, 45);
    accepted(await take(45));
    expect(await lots()).toEqual([]);
    await expectCoins(app, partner, uid, 0);
  });

  it('does not count an expired lot, from the second at which it expires', async () => {
    accepted(await addFor(60, 10));
    accepted(await addFor(DAY, 5));
    pass(59);
    expect(await partner.tokens(uid)).toBe('15');
    pass(1);
    expect(await partner.tokens(uid)).toBe('5');
    expect(accepted(await partner.orderSuccess(uid, 1, 2))!['tokens']).toBe('7');
    expect((await lots()).map(({ value }) => value)).toEqual([5, 2]);
  });

  it('books an expired lot by the job, once, to the app’s expired account', async () => {
    accepted(await addFor(60, 10));
    accepted(await addFor(60, 4));
    accepted(await addFor(DAY, 5));
    pass(60);
    expect(await expireByJob()).toBe(true);
    await expectCoins(app, partner, uid, 5);
    expect(await bookedAsExpired()).toEqual([14]);
    await expireByJob();
    expect(await bookedAsExpired()).toEqual([14]);
  });

  it('books an expired lot before a debit, which cannot spend it', async () => {
    accepted(await addFor(60, 10));
    accepted(await addFor(DAY, 5));
    pass(60);
    refusedOpen(await take(6), '400', 'insufficient balance');
    accepted(await take(5));
    await expectCoins(app, partner, uid, 0);
    expect(await bookedAsExpired()).toEqual([10]);
  });

  it('books only what is left of a lot', async () => {
    accepted(await addFor(60, 10));
    accepted(await take(7));
    pass(60);
    await expireByJob();
    expect(await bookedAsExpired()).toEqual([3]);
    await expectCoins(app, partner, uid, 0);
  });

  it('expires the lots of many users in one run', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => partner.openId()));
    for (const user of users)
      accepted(await partner.changeGold(user, 1, 3, { expriation: String(partner.seconds + 60) }));
    pass(60);
    await expireByJob();
    for (const user of users) await expectCoins(app, partner, user, 0);
  });

  it('goes through dozens of lots in one debit', async () => {
    for (let lot = 1; lot <= 45; lot += 1) accepted(await addFor(lot * 60, 2));
    pass(120);
    refusedOpen(await take(87), '400');
    accepted(await take(79));
    await expectCoins(app, partner, uid, 7);
    expect((await lots()).map(({ remaining }) => remaining)).toEqual([1, 2, 2, 2]);
  });

  it.each<[string, () => string, () => number]>([
    ['whole seconds', () => String(partner.seconds + DAY), () => partner.seconds + DAY],
    ['a decimal, as Python sends it', () => `${partner.seconds + DAY}.0`, () => partner.seconds + DAY],
    ['a decimal with a fraction', () => `${partner.seconds + DAY}.987`, () => partner.seconds + DAY],
    ['the end of the year 9999', () => '253402300799', () => 253_402_300_799],
    ['beyond it', () => '253402300800', () => 0],
    ['15 digits, as Node runs two numbers together', () => `${partner.seconds}86400`, () => 0],
    ['18 digits', () => `${partner.seconds}78624000`, () => 0],
  ])('reads %s', async (_, expriation, expiresAt) => {
    accepted(await partner.changeGold(uid, 1, 5, { expriation: expriation() }));
    expect(await lots()).toEqual([{ value: 5, remaining: 5, expiresAt: expiresAt() }]);
  });

  it('never expires coins without an end', async () => {
    accepted(await partner.changeGold(uid, 1, 5, { expriation: `${partner.seconds}86400` }));
    pass(365 * DAY);
    await expireByJob();
    await expectCoins(app, partner, uid, 5);
    const [lot] = await app.rows<{ expires_at: number }>('SELECT expires_at FROM gold_lots WHERE open_id = ?', [uid]);
    expect(Number(lot.expires_at)).toBe(NEVER);
  });
});
