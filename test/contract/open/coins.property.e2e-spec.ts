import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JobsService } from '../../../src/modules/jobs/jobs.service.js';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { expectCoins, partnerOf } from '../../support/open.js';

const MINUTE = 60;

interface Send {
  readonly kind: 'send';
  readonly type: 1 | 2;
  readonly value: number;
  /** Which of a few request ids: the same one again is a repeat or a conflict. */
  readonly slot: number;
  /** Minutes from the start of the run after which added coins expire. */
  readonly lasts: number;
}

type Step =
  { readonly kind: 'together'; readonly sends: readonly Send[] } | { readonly kind: 'pass' } | { readonly kind: 'job' };

const send = fc.record<Send>({
  kind: fc.constant('send'),
  type: fc.constantFrom(1 as const, 2 as const),
  value: fc.integer({ min: 1, max: 9 }),
  slot: fc.integer({ min: 0, max: 11 }),
  lasts: fc.integer({ min: 1, max: 4 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('together' as const),
      sends: fc.array(send, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('job' as const) }) },
);

const clock = new TestClock();

describeMall('open: any sequence of adds, takes, expiries, repeats and conflicts', { clock }, ({ app }) => {
  const partner = partnerOf(app, clock);

  const expire = () => app.app.get(JobsService).runNow('linkv.expire');
  const expired = async (uid: string): Promise<number> => {
    const [row] = await app.rows<{ sum: number | string }>(
      "SELECT COALESCE(SUM(-e.amount), 0) AS sum FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id AND t.kind = 'expiry' " +
        'JOIN ledger_accounts a ON a.id = e.account_id WHERE a.address = ?',
      [`linkv:${uid}:gold`],
    );
    return Number(row.sum);
  };

  /** Plays the steps for a new user; answers what the accepted requests add up to. */
  async function play(uid: string, steps: readonly Step[]): Promise<number> {
    const start = partner.seconds;
    const effects = new Map<string, number>();
    const perform = async ({ type, value, slot, lasts }: Send): Promise<void> => {
      const request_id = `${uid}.${slot}`;
      const reply = await partner.changeGold(uid, type, value, {
        request_id,
        expriation: String(start + lasts * MINUTE),
      });
      expect(['200', '400']).toContain(reply.status);
      if (reply.status !== '200') return;
      const effect = type === 1 ? value : -value;
      expect(effects.get(request_id) ?? effect).toBe(effect);
      effects.set(request_id, effect);
    };
    for (const one of steps) {
      if (one.kind === 'pass') clock.advance(MINUTE * 1000);
      else if (one.kind === 'job') await expire();
      else await Promise.all(one.sends.map(perform));
    }
    return [...effects.values()].reduce((sum, effect) => sum + effect, 0);
  }

  it('leaves balance = live lots = ledger = what was accepted less what expired', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
        const uid = await partner.openId();
        const sum = await play(uid, steps);
        const shown = await partner.tokens(uid);
        await expire();
        await expectCoins(app, partner, uid, Number(shown));
        expect(Number(shown)).toBe(sum - (await expired(uid)));
      }),
      { numRuns: 40 },
    );
  });
});
