import { describe, expect, it } from '@jest/globals';
import { fen } from '../../common/money.js';
import { account, keepsBalance } from './chart-of-accounts.js';
import {
  accountHash,
  entriesOf,
  inputHash,
  ledgerInput,
  legsOf,
  postingsOf,
  reverse,
  transactionHash,
  type LedgerPost,
} from './posting.js';

const postings = [
  { source: account.userBalance(42), destination: account.merchantPayable(7), amount: fen(5), asset: 'CNY' },
] as const;
const post: LedgerPost = { key: 'payment:17', kind: 'order_payment', postings };

describe('the chart of accounts', () => {
  it('writes addresses as the design has them', () => {
    expect(account.userBalance(42)).toBe('user:42:balance');
    expect(account.userCoupon(42)).toBe('user:42:coupon');
    expect(account.merchantPayable(7)).toBe('merchant:7:payable');
    expect(account.linkvGold('12345678901234567890')).toBe('linkv:12345678901234567890:gold');
    expect(account.platform('promotion')).toBe('platform:promotion');
  });

  it('keeps balances of users, merchants and LinkV users, and of no account of the platform', () => {
    const kept = [account.userBalance(1), account.userCoupon(1), account.merchantPayable(1), account.linkvGold('1')];
    const summed = [account.platform('wechat'), account.linkvIssued('LM1'), account.linkvExpired('LM1')];
    expect(kept.map(keepsBalance)).toEqual([true, true, true, true]);
    expect(summed.map(keepsBalance)).toEqual([false, false, false]);
  });

  it.each(['', 'a:b', 'a b', 'x'.repeat(65), '1;--'])('refuses the owner %j', (owner) => {
    expect(() => account.linkvGold(owner)).toThrow(RangeError);
  });
});

describe('what a ledger key stands for', () => {
  const hash = (change: Partial<LedgerPost>) => inputHash(ledgerInput({ ...post, ...change }));

  it('does not change when absent fields are written out', () => {
    expect(hash({ reason: '', name: '', orderId: null, itemId: null })).toBe(hash({}));
  });

  it('changes with every field but the key', () => {
    const [posting] = postings;
    const changed = [
      hash({}),
      hash({ kind: 'refund' }),
      hash({ reason: 'x' }),
      hash({ name: 'x' }),
      hash({ orderId: 1 }),
      hash({ itemId: 1 }),
      hash({ postings: [{ ...posting, amount: fen(6) }] }),
      hash({ postings: [{ ...posting, asset: 'COUPON' }] }),
      hash({ postings: [{ ...posting, source: posting.destination, destination: posting.source }] }),
      hash({ postings: [posting, posting] }),
    ];
    expect(new Set(changed).size).toBe(changed.length);
    expect(hash({ key: 'other' })).toBe(hash({}));
  });

  it('keeps texts to the width of their columns, whole characters', () => {
    expect(ledgerInput({ ...post, name: '🐖'.repeat(300) }).name).toBe('🐖'.repeat(255));
  });

  it.each(['', ' x', 'x ', 'x'.repeat(192)])('refuses the key %j', (key) => {
    expect(() => ledgerInput({ ...post, key })).toThrow(RangeError);
  });
});

describe('postings', () => {
  const [user, shop, promotion] = [account.userBalance(1), account.merchantPayable(2), account.platform('promotion')];
  const several = [
    { source: user, destination: shop, amount: fen(30), asset: 'CNY' },
    { source: promotion, destination: shop, amount: fen(20), asset: 'CNY' },
  ] as const;

  it('are undone last one first, source and destination exchanged', () => {
    expect(reverse(several)).toEqual([
      { source: shop, destination: promotion, amount: 20, asset: 'CNY' },
      { source: shop, destination: user, amount: 30, asset: 'CNY' },
    ]);
    expect(reverse(reverse(several))).toEqual(several);
  });

  it('fall into legs and come back from them', () => {
    const legs = legsOf(9, several);
    expect(legs.map(({ address, amount }) => [address, amount])).toEqual([
      [user, -30],
      [shop, 30],
      [promotion, -20],
      [shop, 20],
    ]);
    expect(postingsOf(legs)).toEqual(several);
  });

  it('of several transactions become entries as those of one after the other', () => {
    const [first, second] = [legsOf(9, several), legsOf(10, several.toReversed())];
    const accountIds = [1, 2, 3, 2, 3, 2, 1, 2];
    const all = entriesOf(
      [...first, ...second],
      accountIds,
      new Map([
        [1, fen(40)],
        [2, fen(100)],
      ]),
    );
    const half = new Map([
      [1, fen(70)],
      [2, fen(50)],
    ]);
    expect(all.slice(0, 4)).toEqual(entriesOf(first, accountIds.slice(0, 4), half));
    expect(all.map((entry) => [entry.transactionId, entry.position, entry.balanceAfter])).toEqual([
      [9, 0, 70],
      [9, 1, 30],
      [9, 2, null],
      [9, 3, 50],
      [10, 0, null],
      [10, 1, 70],
      [10, 2, 40],
      [10, 3, 100],
    ]);
  });

  it('become entries with the balance after each, worked back from the last', () => {
    const ids = new Map([user, shop, promotion].map((address, index) => [address, index + 1]));
    const legs = legsOf(9, several);
    const accountIds = legs.map((leg) => ids.get(leg.address)!);
    const balances = new Map([
      [1, fen(70)],
      [2, fen(50)],
    ]);
    const entries = entriesOf(legs, accountIds, balances);
    expect(entries.map((entry) => [entry.position, entry.accountId, entry.amount, entry.balanceAfter])).toEqual([
      [0, 1, -30, 70],
      [1, 2, 30, 30],
      [2, 3, -20, null],
      [3, 2, 20, 50],
    ]);
  });
});

describe('hashes are those of books already written:', () => {
  const written: LedgerPost = {
    key: 'payment:17',
    kind: 'order_payment',
    reason: '为什么',
    name: '茶',
    orderId: 7,
    postings: [
      ...postings,
      { source: account.userCoupon(42), destination: account.platform('coupon'), amount: fen(3), asset: 'COUPON' },
    ],
  };
  const hash = '7b9795ef228094765e7e5ce54b5971cf61b274a0e40b0bba70cfe0282c7fb9d2';

  it('of what was asked, and of its reversal', () => {
    expect(inputHash(ledgerInput(written))).toBe(hash);
    expect(inputHash(ledgerInput(written, 9))).toBe('a8a36b22020b603ac386a302295b10d43b5c1be6f3e6af8ed7b259d8d79507ef');
  });

  it('of a transaction, an entry and an account', () => {
    const { key: postKey, postings: _, ...input } = ledgerInput(written);
    expect(transactionHash({ ...input, postKey, inputHash: hash, createdAt: 1531292871000 })).toBe(
      '9106411a2ac0e143454d2a100f9bc25d7c6e5044cbb642ddd2acb9712f43620d',
    );
    const [entry] = entriesOf(legsOf(12, postings), [4, 5], new Map([[4, fen(95)]]));
    expect(entry.hash).toBe('febf90d252fcc1998966f2b12674bcf36a985d30bc838e905dabde68b36385b0');
    expect(accountHash('user:42:balance', 'CNY')).toBe(
      'deb15a2b77df9d950a763033eda1b69df15b92af0c541880a9da51a2d1c90d82',
    );
  });
});
