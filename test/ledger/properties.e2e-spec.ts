import { beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { DomainError } from '../../src/common/domain-error.js';
import { fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import { account, type Address, type Asset } from '../../src/modules/ledger/chart-of-accounts.js';
import { findingsOf } from '../../src/modules/ledger/audit/audit-report.js';
import { LedgerAudit } from '../../src/modules/ledger/audit/ledger-audit.js';
import type { Posting } from '../../src/modules/ledger/posting.js';
import { LedgerSealer } from '../../src/modules/ledger/audit/ledger-sealer.js';
import { LedgerService, type PostedTransaction } from '../../src/modules/ledger/ledger.service.js';
import { openMall } from '../support/stage.js';

/** `npm run test:long` runs many times as many. */
const RUNS = process.env['LONG_TESTS'] ? 60 : 6;
const AT_ONCE = 40;

const { app } = openMall();
let ledger: LedgerService;
let run = 0;

beforeAll(async () => {
  ledger = app.app.get(LedgerService);
});

interface Step {
  /** Drawn from few, so that many steps share one. */
  readonly key: number;
  readonly kind: 'grant' | 'pay' | 'payWithCoupon' | 'refund' | 'circle' | 'reverse' | 'reverseAgain';
  readonly user: number;
  readonly shop: number;
  readonly amount: number;
}

interface Outcome {
  readonly key: string;
  readonly content: string;
  readonly postings: readonly Posting[];
  readonly posted: PostedTransaction | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  key: fc.nat(150),
  kind: fc.constantFrom('grant', 'grant', 'pay', 'pay', 'payWithCoupon', 'refund', 'circle', 'reverse', 'reverseAgain'),
  user: fc.nat(4),
  shop: fc.nat(2),
  amount: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5000 })),
});

const REFUSALS = new Set(['insufficient_balance', 'key_reused', 'conflict', 'unavailable']);

function postingsOf({ kind, user, shop, amount }: Step, base: number): Posting[] {
  const [balance, coupon] = [account.userBalance(base + user), account.userCoupon(base + user)];
  const payable = account.merchantPayable(base + 10 + shop);
  const move = (source: Address, destination: Address, asset: Asset = 'CNY'): Posting => ({
    source,
    destination,
    amount: fen(amount),
    asset,
  });
  const promotion = account.platform('promotion');
  const shapes: Partial<Record<Step['kind'], Posting[]>> = {
    grant: [move(promotion, balance), move(promotion, coupon, 'COUPON')],
    pay: [move(balance, payable)],
    payWithCoupon: [move(coupon, account.platform('coupon'), 'COUPON'), move(promotion, payable)],
    refund: [move(payable, balance)],
    circle: [
      move(balance, payable),
      move(payable, account.userBalance(base + ((user + 1) % 5))),
      move(payable, balance),
    ],
  };
  return shapes[kind] ?? [];
}

async function attempt(step: Step, base: number, earlier: readonly Outcome[]): Promise<Outcome> {
  const victims = earlier.filter(({ posted }) => posted);
  const victim = victims[(step.amount * 7) % Math.max(1, victims.length)];
  const reversing = step.kind.startsWith('reverse');
  if (reversing && !victim) return { key: 'none', content: '', postings: [], posted: null };
  const postings = reversing
    ? victim.postings
        .toReversed()
        .map((posting) => ({ ...posting, source: posting.destination, destination: posting.source }))
    : postingsOf(step, base);
  const key = reversing ? `back:${base}:${victim.posted!.id}:${step.kind}` : `post:${base}:${step.key}`;
  const content = JSON.stringify([reversing ? victim.posted!.id : null, postings]);
  const work = app.app
    .get(Transactions)
    .run((tx) =>
      reversing
        ? ledger.reverse(tx, victim.posted!.id, { key, reason: 'r' })
        : ledger.post(tx, { key, kind: step.kind, postings }),
    );
  const posted = await work.catch((error: DomainError) => {
    if (!REFUSALS.has(error.code)) throw error;
    return null;
  });
  return { key, content, postings, posted };
}

async function inParallel(steps: readonly Step[], base: number, earlier: readonly Outcome[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let index = 0; index < steps.length; index += AT_ONCE) {
    const slice = steps
      .slice(index, index + AT_ONCE)
      .flatMap((one) => (one.amount % 3 === 0 ? [one, one, one] : [one]));
    outcomes.push(...(await Promise.all(slice.map((one) => attempt(one, base, earlier)))));
  }
  return outcomes;
}

/** Successes of one key are one transaction with one content, moved exactly once; answers one outcome per transaction. */
function effects(outcomes: readonly Outcome[]): Outcome[] {
  const byKey = new Map<string, Outcome[]>();
  for (const outcome of outcomes)
    if (outcome.posted) byKey.set(outcome.key, [...(byKey.get(outcome.key) ?? []), outcome]);
  return [...byKey.values()].map((same) => {
    expect(new Set(same.map(({ posted }) => posted!.id)).size).toBe(1);
    expect(new Set(same.map(({ content }) => content)).size).toBe(1);
    expect(same.filter(({ posted }) => !posted!.replayed)).toHaveLength(1);
    return same[0];
  });
}

it('keeps the books through random postings, refunds, reversals and repeats in parallel', async () => {
  const program = fc.tuple(
    fc.array(step, { minLength: 100, maxLength: 250 }),
    fc.array(step, { minLength: 100, maxLength: 250 }),
  );
  await fc.assert(
    fc.asyncProperty(program, async ([first, second]) => {
      const base = (run += 1) * 100;
      const before = await inParallel(first, base, []);
      const [after] = await Promise.all([inParallel(second, base, before), app.app.get(LedgerSealer).seal()]);
      const expected = new Map<string, number>();
      for (const { postings } of effects([...before, ...after])) {
        for (const { source, destination, amount, asset } of postings) {
          expected.set(`${source} ${asset}`, (expected.get(`${source} ${asset}`) ?? 0) - amount);
          expected.set(`${destination} ${asset}`, (expected.get(`${destination} ${asset}`) ?? 0) + amount);
        }
      }
      for (const [key, sum] of expected) {
        const [address, asset] = key.split(' ') as [Address, Asset];
        if (!address.startsWith('platform:')) expect([key, await ledger.balance(address, asset)]).toEqual([key, sum]);
      }
      expect(findingsOf(await app.app.get(LedgerAudit).run())).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
}, 600_000);
