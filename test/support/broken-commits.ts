import { DomainError } from '../../src/common/domain-error.js';
import { Transactions } from '../../src/database/transactions.js';
import type { TestApp } from './app.js';

/**
 * From its next transaction on, or from the one after `after` more, the instance commits nothing. Returns what mends it.
 * test/built/kill.spec.ts kills a real process.
 */
export function breakCommits(app: TestApp, after = 0): () => void {
  const transactions = app.app.get(Transactions);
  const real = transactions.run.bind(transactions);
  let left = after;
  transactions.run = async (work) => {
    if (left <= 0) throw new DomainError('unavailable', 'no commit');
    left -= 1;
    return real(work);
  };
  return () => {
    transactions.run = real;
  };
}
