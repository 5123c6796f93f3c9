import type { SqlValue } from '../../database/sql.js';
import { keepsBalance, type Address, type Asset } from './chart-of-accounts.js';
import { accountKey, type BalanceChange } from './ledger-accounts.js';
import { entryHash, type Posting } from './ledger-post.js';

/** Half a posting. */
export interface Leg {
  readonly account: string;
  readonly amount: number;
}

export interface StoredLeg {
  readonly position: number;
  readonly address: Address;
  readonly asset: Asset;
  readonly amount: number;
  readonly balanceAfter: number | null;
}

export function namesOf({ source, destination, asset }: Posting): { address: Address; asset: Asset }[] {
  return [
    { address: source, asset },
    { address: destination, asset },
  ];
}

export function legsOf({ source, destination, amount, asset }: Posting): Leg[] {
  return [
    { account: accountKey(source, asset), amount: -amount },
    { account: accountKey(destination, asset), amount },
  ];
}

/** Last posting first, source and destination exchanged: what came in last goes out first. */
export function mirrored(legs: readonly StoredLeg[]): Posting[] {
  const postings: Posting[] = [];
  for (let index = 0; index + 1 < legs.length; index += 2) {
    const [source, destination] = [legs[index], legs[index + 1]];
    const amount = Number(destination.amount);
    postings.unshift({ source: destination.address, destination: source.address, amount, asset: source.asset });
  }
  return postings;
}

export function changesOf(legs: readonly Leg[], ids: ReadonlyMap<string, number>): BalanceChange[] {
  const changes = new Map<string, BalanceChange>();
  for (const { account, amount } of legs.filter((leg) => keepsBalance(leg.account))) {
    const before = changes.get(account) ?? { account, accountId: ids.get(account)!, delta: 0, lowest: 0 };
    const delta = before.delta + amount;
    changes.set(account, { ...before, delta, lowest: Math.min(before.lowest, delta) });
  }
  return [...changes.values()];
}

/** Per leg, worked back from the balance after all of them. */
export function runningBalances(legs: readonly Leg[], balances: ReadonlyMap<string, number | null>): (number | null)[] {
  const left = new Map(balances);
  const running = legs.toReversed().map(({ account, amount }) => {
    const after = left.get(account) ?? null;
    if (after !== null) left.set(account, after - amount);
    return after;
  });
  return running.toReversed();
}

export function entryRows(
  transactionId: number,
  legs: readonly Leg[],
  ids: ReadonlyMap<string, number>,
  running: readonly (number | null)[],
): SqlValue[][] {
  return legs.map(({ account, amount }, position) => {
    const row = {
      transactionId,
      position,
      accountId: ids.get(account)!,
      amount,
      balanceAfter: running[position] ?? null,
    };
    return [transactionId, position, row.accountId, amount, row.balanceAfter, entryHash(row)];
  });
}
