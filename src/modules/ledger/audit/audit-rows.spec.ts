import { expect, it } from '@jest/globals';
import { fen } from '../../../common/money.js';
import { digestOf, sealHash } from './audit-rows.js';

it('seals what is written as it was sealed before', () => {
  const transaction = {
    id: 12,
    postKey: 'payment:17',
    inputHash: '7b9795ef228094765e7e5ce54b5971cf61b274a0e40b0bba70cfe0282c7fb9d2',
    kind: 'order_payment',
    reason: '为什么',
    name: '茶',
    orderId: 7,
    itemId: null,
    reverses: null,
    createdAt: 1531292871000,
    hash: '9106411a2ac0e143454d2a100f9bc25d7c6e5044cbb642ddd2acb9712f43620d',
  };
  const entry = {
    id: 30,
    transactionId: 12,
    position: 0,
    accountId: 4,
    amount: fen(-5),
    balanceAfter: fen(95),
    hash: 'febf90d252fcc1998966f2b12674bcf36a985d30bc838e905dabde68b36385b0',
  };
  const digest = digestOf(transaction, [entry]);
  expect(digest).toBe('ed9098c1d0f5112e3770d50e97909f921b50197cbc4e77d569fd6a0df69a44ba');
  const member = { transactionId: 12, firstEntryId: 30, entries: 1, digest };
  expect(sealHash(2, 'f'.repeat(64), [member])).toBe(
    '85dd139fa556a8f679279218f9b49e563f1746d9a49b2bd8b993efd6f4b1a83c',
  );
});
