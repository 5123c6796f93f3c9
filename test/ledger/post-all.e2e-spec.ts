import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import { findingsOf } from '../../src/modules/ledger/audit/audit-report.js';
import { LedgerAudit } from '../../src/modules/ledger/audit/ledger-audit.js';
import { account } from '../../src/modules/ledger/chart-of-accounts.js';
import { LedgerService, type PostedTransaction } from '../../src/modules/ledger/ledger.service.js';
import type { LedgerPost, Posting } from '../../src/modules/ledger/posting.js';
import { openMall } from '../support/stage.js';
import { statementsOf } from '../support/statements.js';

const { app } = openMall();
let ledger: LedgerService;
let moved = 0;

beforeAll(async () => {
  ledger = app.app.get(LedgerService);
});

const promotion = account.platform('promotion');
const balanceOf = (user: number) => ledger.balance(account.userBalance(user), 'CNY');

function move(source: Posting['source'], destination: Posting['source'], amount: number): Posting {
  return { source, destination, amount: fen(amount), asset: 'CNY' };
}

function draft(key: string, ...postings: Posting[]): LedgerPost {
  return { key, kind: 'test', postings };
}

function postAll(...posts: LedgerPost[]): Promise<PostedTransaction[]> {
  return app.app.get(Transactions).run((tx) => ledger.postAll(tx, posts));
}

describe('several posts at once', () => {
  it('move what each moves, with the balance after each, in as many statements as one', async () => {
    const [user, first, second] = [account.userBalance(1), account.merchantPayable(2), account.merchantPayable(3)];
    const prepared = [
      draft('open:1', move(promotion, user, 1000)),
      draft('open:2', move(promotion, first, 1)),
      draft('open:3', move(promotion, second, 1)),
    ];
    await postAll(...prepared);
    const posts = [
      draft('a', move(user, first, 100), move(promotion, first, 7)),
      draft('b', move(user, second, 200)),
      draft('c', move(first, user, 50), move(user, second, 1)),
    ];
    let posted: PostedTransaction[] = [];
    const several = await statementsOf(app, async () => (posted = await postAll(...posts)));
    const one = await statementsOf(app, () => postAll(draft('d', move(user, first, 1))));
    expect(several).toHaveLength(one.length);
    expect(posted.map(({ replayed }) => replayed)).toEqual([false, false, false]);
    expect(new Set(posted.map(({ id }) => id)).size).toBe(3);
    const lines = async (address: typeof user) =>
      (await ledger.statement(address, 'CNY', { from: 0, length: 9 })).map((line) => [line.amount, line.balanceAfter]);
    expect(await lines(user)).toEqual([
      [-1, 748],
      [-1, 749],
      [50, 750],
      [-200, 700],
      [-100, 900],
      [1000, 1000],
    ]);
    expect((await lines(first)).slice(1)).toEqual([
      [-50, 58],
      [7, 108],
      [100, 101],
      [1, 1],
    ]);
    expect(await lines(second)).toEqual([
      [1, 202],
      [200, 201],
      [1, 1],
    ]);
  });

  it('are none for none', async () => {
    expect(await postAll()).toEqual([]);
  });

  it('move nothing again under keys that were used, and the rest', async () => {
    const user = account.userBalance(11);
    const [first] = await postAll(draft('e', move(promotion, user, 10)));
    const again = await postAll(
      draft('f', move(promotion, user, 5)),
      draft('e', move(promotion, user, 10)),
      draft('g', move(promotion, user, 1)),
    );
    expect(again.map(({ replayed }) => replayed)).toEqual([false, true, false]);
    expect(again[1].id).toBe(first.id);
    const entries = await ledger.statement(user, 'CNY', { from: 0, length: 9 });
    expect(entries.map((entry) => [entry.amount, entry.balanceAfter])).toEqual([
      [1, 16],
      [5, 15],
      [10, 10],
    ]);
  });

  it('move once what stands there twice, and nothing where the second differs', async () => {
    const user = account.userBalance(12);
    const twins = await postAll(draft('h', move(promotion, user, 10)), draft('h', move(promotion, user, 10)));
    expect(twins).toEqual([
      { id: twins[0].id, replayed: false },
      { id: twins[0].id, replayed: true },
    ]);
    const differing = postAll(draft('i', move(promotion, user, 10)), draft('i', move(promotion, user, 11)));
    await expect(differing).rejects.toMatchObject({ code: 'key_reused' });
    const reused = postAll(draft('j', move(promotion, user, 10)), draft('h', move(promotion, user, 11)));
    await expect(reused).rejects.toMatchObject({ code: 'key_reused' });
    expect(await balanceOf(12)).toBe(10);
  });

  it('refuse to go below zero between two of them, and leave nothing of any behind', async () => {
    const [user, shop] = [account.userBalance(13), account.merchantPayable(14)];
    const [spend, earn] = [draft('k', move(user, shop, 10)), draft('l', move(promotion, user, 10))];
    await expect(postAll(spend, earn)).rejects.toMatchObject({ code: 'insufficient_balance' });
    expect(await app.rows("SELECT id FROM ledger_transactions WHERE post_key IN ('k', 'l')")).toEqual([]);
    await postAll(earn, spend);
    expect([await balanceOf(13), await ledger.balance(shop, 'CNY')]).toEqual([0, 10]);
  });

  it('have each effect once when the same keys come in every order at once', async () => {
    const users = [21, 22, 23, 24];
    const posts = users.map((user) => draft(`once:${user}`, move(promotion, account.userBalance(user), user)));
    const rounds = Array.from({ length: 24 }, (_, round) => {
      const turned = [...posts.slice(round % 4), ...posts.slice(0, round % 4)];
      return postAll(...(round % 2 ? turned : turned.toReversed()).slice(round % 3));
    });
    const posted = (await Promise.all(rounds)).flat();
    expect(new Set(posted.map(({ id }) => id)).size).toBe(4);
    expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(4);
    expect(await Promise.all(users.map(balanceOf))).toEqual(users);
  });
});

describe('random posts at once', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 30 }),
    from: fc.integer({ min: 0, max: 3 }),
    to: fc.integer({ min: 0, max: 3 }),
    amount: fc.integer({ min: 1, max: 9 }),
  });

  it('have the effect of the same posts one after the other, in parallel with others', async () => {
    let run = 0;
    const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 8, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const base = 1000 + (run += 1) * 10;
        const at = (index: number) => (index === 0 ? promotion : account.userBalance(base + index));
        const posts = given.map((steps) =>
          steps
            .filter(({ from, to }) => from !== to)
            .map(({ key, from, to, amount }) =>
              draft(`${base}:${key}:${from}:${to}:${amount}`, move(at(from), at(to), amount)),
            ),
        );
        const outcomes = await Promise.allSettled(posts.map((batch) => postAll(...batch)));
        const expected = new Map<string, number>();
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome.status === 'rejected') {
            expect(outcome.reason).toMatchObject({ code: 'insufficient_balance' });
            continue;
          }
          for (const [place, { replayed }] of outcome.value.entries()) {
            const [{ source, destination, amount }] = posts[index][place].postings;
            if (replayed) continue;
            expected.set(source, (expected.get(source) ?? 0) - amount);
            expected.set(destination, (expected.get(destination) ?? 0) + amount);
          }
        }
        for (const user of [1, 2, 3]) {
          const address = account.userBalance(base + user);
          expect(await balanceOf(base + user)).toBe(expected.get(address) ?? 0);
          const lines = (await ledger.statement(address, 'CNY', { from: 0, length: 500 })).toReversed();
          let balance = 0;
          for (const line of lines) expect(line.balanceAfter).toBe((balance += line.amount));
        }
        expect(findingsOf(await app.app.get(LedgerAudit).run())).toEqual([]);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

// Last, because it leaves books behind that no audit would pass.
it.each(['the user', 'one platform account', 'the other'])(
  'posts to an account that is not where it was, as after a restored backup, where it is now: %s',
  async (which) => {
    const user = account.userBalance(90);
    const [from, bonus] = [account.platform('wechat'), account.platform('bonus')];
    const post = () => postAll(draft(`moved:${(moved += 1)}`, move(from, user, 10), move(bonus, user, 1)));
    await post();
    const address = { 'the user': user, 'one platform account': from, 'the other': bonus }[which]!;
    await app.tamper('UPDATE ledger_accounts SET address = ? WHERE address = ?', [`gone:${which}`, address]);
    const [{ id }] = await post();
    const rows = await app.rows<{ address: string }>(
      'SELECT a.address FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = ? ORDER BY e.position',
      [id],
    );
    expect(rows.map((row) => row.address)).toEqual([from, user, bonus, user]);
  },
);
