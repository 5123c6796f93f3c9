import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import { account } from '../../src/modules/ledger/chart-of-accounts.js';
import { LedgerService, type PostedTransaction } from '../../src/modules/ledger/ledger.service.js';
import type { LedgerPost, Posting } from '../../src/modules/ledger/posting.js';
import { openMall } from '../support/stage.js';

const { app } = openMall();
let ledger: LedgerService;
let serial = 0;

beforeAll(async () => {
  ledger = app.app.get(LedgerService);
});

function post(content: Partial<LedgerPost> & Pick<LedgerPost, 'postings'>): Promise<PostedTransaction> {
  const complete = { key: `test:${(serial += 1)}`, kind: 'test', ...content };
  return app.app.get(Transactions).run((tx) => ledger.post(tx, complete));
}

function move(source: Posting['source'], destination: Posting['source'], amount: number): Posting {
  return { source, destination, amount: amount as Fen, asset: 'CNY' };
}

const promotion = account.platform('promotion');

function grant(userId: number, amount: number): Promise<PostedTransaction> {
  return post({ postings: [move(promotion, account.userBalance(userId), amount)] });
}

describe('posting', () => {
  it('moves money and keeps the balance after each posting', async () => {
    const [user, shop] = [account.userBalance(101), account.merchantPayable(102)];
    await grant(101, 1000);
    const posted = await post({ postings: [move(user, shop, 300), move(user, shop, 50)], orderId: 7, name: '茶' });
    expect(posted.replayed).toBe(false);
    expect(await ledger.balance(user, 'CNY')).toBe(650);
    expect(await ledger.balance(shop, 'CNY')).toBe(350);
    const lines = await ledger.statement(user, 'CNY', { from: 0, length: 10 });
    expect(lines.map((line) => [line.amount, line.balanceAfter, line.orderId, line.name])).toEqual([
      [-50, 650, 7, '茶'],
      [-300, 700, 7, '茶'],
      [1000, 1000, null, ''],
    ]);
    expect(await ledger.statement(user, 'CNY', { from: 1, length: 1 })).toEqual([lines[1]]);
  });

  it('sums a platform account on demand and keeps no balance of it', async () => {
    const before = await ledger.balance(promotion, 'CNY');
    await grant(103, 77);
    expect(await ledger.statement(promotion, 'CNY', { from: 0, length: 1 })).toMatchObject([
      { amount: -77, balanceAfter: null },
    ]);
    expect(await ledger.balance(promotion, 'CNY')).toBe(before - 77);
    const rows = await app.rows<{ balance: number | null }>('SELECT balance FROM ledger_accounts WHERE address = ?', [
      promotion,
    ]);
    expect(rows).toEqual([{ balance: null }]);
  });

  it('refuses to go below zero and leaves nothing behind', async () => {
    await grant(104, 40);
    const user = account.userBalance(104);
    const incremented = () => app.rows('SELECT COUNT(*) AS n FROM ledger_transactions');
    const before = await incremented();
    const tooMuch = post({
      postings: [move(promotion, account.userBalance(105), 5), move(user, account.merchantPayable(102), 41)],
    });
    await expect(tooMuch).rejects.toMatchObject({ code: 'insufficient_balance' });
    const unknown = post({ postings: [move(account.userBalance(106), user, 1)] });
    await expect(unknown).rejects.toMatchObject({ code: 'insufficient_balance' });
    expect(await ledger.balance(user, 'CNY')).toBe(40);
    expect(await ledger.balance(account.userBalance(105), 'CNY')).toBe(0);
    expect(await incremented()).toEqual(before);
  });

  it('refuses to go below zero between two postings too', async () => {
    const [user, shop] = [account.userBalance(107), account.merchantPayable(108)];
    const circle = post({ postings: [move(user, shop, 10), move(shop, user, 10)] });
    await expect(circle).rejects.toMatchObject({ code: 'insufficient_balance' });
  });

  it('answers the earlier transaction for the same key and content, and refuses other content', async () => {
    const user = account.userBalance(109);
    const first = await post({ key: 'once:109', postings: [move(promotion, user, 10)], reason: 'a' });
    const again = await post({ key: 'once:109', postings: [move(promotion, user, 10)], reason: 'a' });
    expect(again).toMatchObject({ id: first.id, replayed: true });
    for (const other of [
      { reason: 'b' },
      { kind: 'other' },
      { orderId: 3 },
      { postings: [move(promotion, user, 11)] },
    ]) {
      const asked = post({ key: 'once:109', postings: [move(promotion, user, 10)], reason: 'a', ...other });
      await expect(asked).rejects.toMatchObject({ code: 'key_reused' });
    }
    expect(await ledger.balance(user, 'CNY')).toBe(10);
  });

  it('has one effect when one key is posted 30 times in parallel', async () => {
    const user = account.userBalance(110);
    const posts = Array.from({ length: 30 }, () => post({ key: 'race:110', postings: [move(promotion, user, 9)] }));
    const results = await Promise.all(posts);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await ledger.balance(user, 'CNY')).toBe(9);
  });

  it('takes a transaction back by its mirror image, once', async () => {
    const [user, shop] = [account.userBalance(111), account.merchantPayable(112)];
    await grant(111, 100);
    const paid = await post({ postings: [move(user, shop, 60), move(promotion, shop, 5)], orderId: 12, name: 'x' });
    const reverse = (key: string) =>
      app.app.get(Transactions).run((tx) => ledger.reverse(tx, paid.id, { key, reason: 'wrong' }));
    const reversal = await reverse('back:1');
    expect(await ledger.balance(user, 'CNY')).toBe(100);
    expect(await ledger.balance(shop, 'CNY')).toBe(0);
    expect(await reverse('back:1')).toMatchObject({ id: reversal.id, replayed: true });
    await expect(reverse('back:2')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('sees its own postings inside a transaction and forgets them with it', async () => {
    const user = account.userBalance(113);
    const failing = app.app.get(Transactions).run(async (tx) => {
      await ledger.post(tx, { key: 'lost:113', kind: 'test', postings: [move(promotion, user, 10)] });
      expect(await ledger.lockBalance(tx, user, 'CNY')).toBe(10);
      throw new Error('gone');
    });
    await expect(failing).rejects.toThrow('gone');
    expect(await ledger.balance(user, 'CNY')).toBe(0);
    expect(await post({ key: 'lost:113', postings: [move(promotion, user, 10)] })).toMatchObject({ replayed: false });
  });

  it('calls impossible posts programming errors', async () => {
    const user = account.userBalance(114);
    for (const postings of [
      [],
      [move(user, user, 1)],
      [move(promotion, user, 0)],
      [move(promotion, user, 1.5)],
      [move(promotion, user, -1)],
    ]) {
      await expect(post({ postings })).rejects.toThrow(RangeError);
    }
    expect(() => account.linkvGold('a:b')).toThrow(RangeError);
  });

  it.each(['ledger_transactions', 'ledger_entries'])('lets nobody change or delete rows of %s', async (table) => {
    await grant(115, 1);
    await expect(app.tamper(`UPDATE ${table} SET hash = hash`)).rejects.toHaveProperty(
      'message',
      expect.stringMatching(/append-only/),
    );
    await expect(app.tamper(`DELETE FROM ${table}`)).rejects.toHaveProperty(
      'message',
      expect.stringMatching(/append-only/),
    );
  });

  it('is held above zero by the storage itself', async () => {
    await grant(116, 5);
    const direct = app.tamper('UPDATE ledger_accounts SET balance = balance - 6 WHERE address = ?', [
      account.userBalance(116),
    ]);
    await expect(direct).rejects.toHaveProperty('message', expect.stringMatching(/chk_ledger_accounts_balance/));
  });
});

it('lets exactly 40 of 100 parallel debits of 1 from a balance of 40 succeed, ten times in a row', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [userId, shop] = [200 + round, account.merchantPayable(300 + round)];
    await grant(userId, 40);
    const debit = () => post({ postings: [move(account.userBalance(userId), shop, 1)] });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, debit));
    const refused = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }) => reason as { code: string });
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['insufficient_balance']));
    expect(refused).toHaveLength(60);
    expect(await ledger.balance(account.userBalance(userId), 'CNY')).toBe(0);
    expect(await ledger.balance(shop, 'CNY')).toBe(40);
  }
});
