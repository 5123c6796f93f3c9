import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { recordHasChanged } from '../../database/errors.js';
import { byCount, placeholders } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { keepsBalance, type Amount } from './chart-of-accounts.js';
import { LedgerAccount } from './ledger-account.entity.js';
import { accountHash, type AccountLeg, type Leg } from './posting.js';

type AccountName = Pick<LedgerAccount, 'address' | 'asset'>;
type NamedAccount = Pick<LedgerAccount, 'id' | 'address' | 'asset'>;

/** What a post does to one account with a running balance. */
interface BalanceChange {
  readonly accountId: number;
  readonly delta: number;
  /** The lowest point on the way there, at most 0: also between two postings the balance is not negative. */
  readonly lowest: number;
}

const ACCOUNTS = tableOf(LedgerAccount);
const FIND = `SELECT ${ACCOUNTS.select(['id', 'address', 'asset'])} FROM ledger_accounts WHERE`;
const LOOK = byCount(
  (count) =>
    `SELECT ${ACCOUNTS.select(['id', 'address', 'asset', 'balance'])} FROM ledger_accounts WHERE id IN (${placeholders(count)})`,
);
const MOVE = byCount((count) => {
  const deltas = ' WHEN ? THEN ?'.repeat(count);
  const guards = '(id = ? AND balance BETWEEN ? AND ?)';
  return (
    `UPDATE ledger_accounts SET balance = balance + CASE id${deltas} ELSE 0 END ` +
    `WHERE ${guards}${` OR ${guards}`.repeat(count - 1)}`
  );
});
const MAX_KNOWN = 50_000;

/** Finds, makes and moves accounts, by one prepared statement each: every payment comes through here. */
@Injectable()
export class LedgerAccounts {
  /** By address and asset. Ids never change and accounts are never removed. */
  private readonly ids = new LRUCache<string, number>({ max: MAX_KNOWN });

  constructor(private readonly clock: Clock) {}

  /** Finds the accounts of `legs`; makes what is missing. */
  async resolve(tx: Tx, legs: readonly Leg[]): Promise<AccountLeg[]> {
    const keys = legs.map(keyOf);
    const found = new Map<string, number>();
    const unknown = new Map<string, AccountName>();
    for (const [index, key] of keys.entries()) {
      const id = this.ids.get(key);
      if (id === undefined) unknown.set(key, legs[index]);
      else found.set(key, id);
    }
    if (unknown.size > 0) {
      for (const row of await this.findOrMake(tx, [...unknown.values()])) found.set(keyOf(row), row.id);
      tx.afterCommit(() => {
        for (const key of unknown.keys()) this.ids.set(key, found.get(key));
      });
    }
    return legs.map((leg, index) => ({ ...leg, accountId: found.get(keys[index])! }));
  }

  /**
   * One guarded relative UPDATE, its rows taken in id order on every path so that two posts cannot lock each other out.
   * Returns the balances by account id, after a look whether `legs` still have the right ones (a restored backup).
   * @throws DomainError `insufficient_balance`, `conflict` beyond the largest balance; the transaction must then be given
   * up, some of its accounts have moved
   */
  async change(tx: Tx, legs: readonly AccountLeg[]): Promise<Map<number, Amount | null>> {
    const changes = changesOf(legs).sort((a, b) => a.accountId - b.accountId);
    const moved = await move(tx, changes);
    const ids = [...new Set(legs.map(({ accountId }) => accountId))];
    const { rows } = await tx.execute<NamedAccount & Pick<LedgerAccount, 'balance'>>(LOOK(ids.length), ids);
    const accounts = new Map(rows.map((row) => [row.id, row]));
    const isWhereItWas = ({ accountId, address, asset }: AccountLeg): boolean => {
      const account = accounts.get(accountId);
      return account?.address === address && account.asset === asset;
    };
    if (!legs.every(isWhereItWas)) {
      this.ids.clear();
      throw recordHasChanged('an account is not where it was');
    }
    if (moved !== changes.length) throw refusal(changes);
    return new Map([...accounts.values()].map(({ id, balance }) => [id, balance]));
  }

  private async findOrMake(tx: Tx, names: readonly AccountName[]): Promise<NamedAccount[]> {
    const existing = await find(tx, names);
    if (existing.length === names.length) return existing;
    const known = new Set(existing.map(keyOf));
    const missing = names.filter((name) => !known.has(keyOf(name)));
    missing.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const createdAt = this.clock.now();
    await tx.insertMissing(
      ACCOUNTS,
      missing.map(({ address, asset }) => ({
        address,
        asset,
        balance: keepsBalance(address) ? (0 as Amount) : null,
        hash: accountHash(address, asset),
        createdAt,
      })),
    );
    return [...existing, ...(await find(tx, missing))];
  }
}

function keyOf({ address, asset }: AccountName): string {
  return `${address} ${asset}`;
}

async function find(tx: Tx, names: readonly AccountName[]): Promise<NamedAccount[]> {
  const { rows } = await tx.execute<NamedAccount>(
    `${FIND} ${names.map(() => '(address = ? AND asset = ?)').join(' OR ')}`,
    names.flatMap(({ address, asset }) => [address, asset]),
  );
  return rows;
}

function changesOf(legs: readonly AccountLeg[]): BalanceChange[] {
  const changes = new Map<number, BalanceChange>();
  for (const { accountId, amount } of legs.filter(({ address }) => keepsBalance(address))) {
    const before = changes.get(accountId) ?? { delta: 0, lowest: 0 };
    const delta = before.delta + amount;
    changes.set(accountId, { accountId, delta, lowest: Math.min(before.lowest, delta) });
  }
  return [...changes.values()];
}

async function move(tx: Tx, changes: readonly BalanceChange[]): Promise<number> {
  if (changes.length === 0) return 0;
  const params = [...changes.flatMap(deltaOf), ...changes.flatMap(guardOf)];
  const { affected } = await tx.execute(MOVE(changes.length), params);
  return affected;
}

function deltaOf({ accountId, delta }: BalanceChange): number[] {
  return [accountId, delta];
}

/** Balances that this change may meet: never below zero on the way, never past what a number can hold. */
function guardOf({ accountId, delta, lowest }: BalanceChange): number[] {
  return [accountId, 0 - lowest, Number.MAX_SAFE_INTEGER - Math.max(0, delta)];
}

function refusal(changes: readonly BalanceChange[]): DomainError {
  return changes.some(({ lowest }) => lowest < 0)
    ? new DomainError('insufficient_balance', 'insufficient balance')
    : new DomainError('conflict', 'the balance would be too large');
}
