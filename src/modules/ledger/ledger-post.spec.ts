import { describe, expect, it } from '@jest/globals';
import { account, keepsBalance } from './chart-of-accounts.js';
import { inputHash, ledgerInput, type LedgerPost } from './ledger-post.js';

const postings = [
  { source: account.userBalance(42), destination: account.merchantPayable(7), amount: 5, asset: 'CNY' },
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
      hash({ postings: [{ ...posting, amount: 6 }] }),
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
