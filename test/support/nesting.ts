import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transactions } from '../../src/database/transactions.js';

const inside = new AsyncLocalStorage<true>();

/**
 * From here on a transaction begun inside another one fails at once. In production it would wait for the place that its
 * own caller holds; watching for it there would make every await dearer, so the tests do.
 */
export function refuseNesting(transactions: Transactions): void {
  const run = transactions.run.bind(transactions);
  transactions.run = (work) => {
    if (inside.getStore()) throw new Error('a transaction was begun inside a transaction: hand the Tx on instead');
    return run((tx) => inside.run(true, () => work(tx)));
  };
}
