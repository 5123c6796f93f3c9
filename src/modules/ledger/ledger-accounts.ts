import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { recordHasChanged } from '../../database/errors.js';
import { byCount, byDialect, padded, placeholders, repeated, type SqlValue } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { keepsBalance, type Amount } from './chart-of-accounts.js';
import { LedgerAccount } from './ledger-account.entity.js';
import { accountHash, type Leg } from './posting.js';

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
  const deltas = repeated(' WHEN ? THEN ?', '', count);
  const guards = repeated('(id = ? AND balance BETWEEN ? AND ?)', ' OR ', count);
  return `UPDATE ledger_accounts SET balance = balance + CASE id${deltas} ELSE 0 END WHERE ${guards}`;
});
const NAMED = '(id = ? AND address = ? AND asset = ?)';
/** MySQL reads the table that it updates through a derived one only, and one with a LIMIT costs it least. */
const OTHER_NAMED = ` AND (SELECT n FROM (SELECT 1 AS n FROM ledger_accounts WHERE ${NAMED} LIMIT 1) AS named) = 1`;
/** Moves one account and looks in the same statement whether it and `others` are where they were. */
const MOVE_ONE = byDialect((dialect, others) => {
  const condition = `${NAMED} AND balance BETWEEN ? AND ?${repeated(OTHER_NAMED, '', others)}`;
  return dialect.updateOne('ledger_accounts', 'balance', 'balance + ?', condition);
});
const MAX_KNOWN = 50_000;

/**
 * Finds, makes and moves accounts, by one prepared statement each.
 * HOT PATH: every payment comes through here (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class LedgerAccounts {
  /** By address and asset. Ids never change and accounts are never removed. */
  private readonly ids = new LRUCache<string, number>({ max: MAX_KNOWN });

  constructor(private readonly clock: Clock) {}

  /** The ids of the accounts of `legs`, leg by leg; makes what is missing. */
  async resolve(tx: Tx, legs: readonly Leg[]): Promise<number[]> {
    const keys = legs.map(keyOf);
    const ids = keys.map((key) => this.ids.get(key));
    if (!ids.includes(undefined)) return ids as number[];
    const unknown = new Map(legs.map((leg, index) => [keys[index], leg] as const).filter((_, index) => !ids[index]));
    const found = new Map((await this.findOrMake(tx, [...unknown.values()])).map((row) => [keyOf(row), row.id]));
    tx.afterCommit(() => {
      for (const [key, id] of found) this.ids.set(key, id);
    });
    return keys.map((key, index) => ids[index] ?? found.get(key)!);
  }

  /**
   * One guarded relative UPDATE, its rows taken in id order on every path so that two posts cannot lock each other out.
   * Returns the running balances by account id, after a look whether `legs` still have the right accounts (a restored backup).
   * @throws DomainError `insufficient_balance`, `conflict` beyond the largest balance; the transaction must then be given
   * up, some of its accounts have moved
   */
  async change(tx: Tx, legs: readonly Leg[], accountIds: readonly number[]): Promise<Map<number, Amount>> {
    const changes = changesOf(legs, accountIds);
    if (changes.length === 1) {
      const balance = await moveOne(tx, changes[0], legs, accountIds);
      if (balance !== null) return new Map([[changes[0].accountId, balance]]);
    }
    const moved = changes.length === 1 ? 0 : await move(tx, changes);
    const balances = await this.look(tx, legs, accountIds);
    if (moved !== changes.length) throw refusal(changes);
    return balances;
  }

  private async look(tx: Tx, legs: readonly Leg[], accountIds: readonly number[]): Promise<Map<number, Amount>> {
    const ids = padded([...new Set(accountIds)]);
    const { rows } = await tx.execute<NamedAccount & Pick<LedgerAccount, 'balance'>>(LOOK(ids.length), ids);
    const accounts = new Map(rows.map((row) => [row.id, row]));
    const isWhereItWas = ({ address, asset }: Leg, index: number): boolean => {
      const account = accounts.get(accountIds[index]);
      return account?.address === address && account.asset === asset;
    };
    if (!legs.every(isWhereItWas)) {
      this.ids.clear();
      throw recordHasChanged('an account is not where it was');
    }
    return new Map(rows.flatMap(({ id, balance }) => (balance === null ? [] : [[id, balance]])));
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
  const asked = padded(names);
  const { rows } = await tx.execute<NamedAccount>(
    `${FIND} ${repeated('(address = ? AND asset = ?)', ' OR ', asked.length)}`,
    asked.flatMap(({ address, asset }) => [address, asset]),
  );
  return rows;
}

/** By ascending account id. */
function changesOf(legs: readonly Leg[], accountIds: readonly number[]): BalanceChange[] {
  const changes = new Map<number, BalanceChange>();
  for (const [index, { address, amount }] of legs.entries()) {
    if (!keepsBalance(address)) continue;
    const accountId = accountIds[index];
    const before = changes.get(accountId) ?? { delta: 0, lowest: 0 };
    const delta = before.delta + amount;
    changes.set(accountId, { accountId, delta, lowest: Math.min(before.lowest, delta) });
  }
  return [...changes.values()].sort((a, b) => a.accountId - b.accountId);
}

/** Returns the new balance; null when the guard refused, or an account is not where it was. */
async function moveOne(
  tx: Tx,
  change: BalanceChange,
  legs: readonly Leg[],
  accountIds: readonly number[],
): Promise<Amount | null> {
  const names = new Map(legs.map((leg, index) => [keyOf(leg), [accountIds[index], leg.address, leg.asset]]));
  const own = keyOf(legs[accountIds.indexOf(change.accountId)]);
  const [, least, most] = guardOf(change);
  const params: SqlValue[] = [change.delta, ...names.get(own)!, least, most];
  names.delete(own);
  const others = padded([...names.values()]);
  params.push(...others.flat());
  return tx.sql.updated(await tx.execute(MOVE_ONE(tx.sql, others.length), params)) as Amount | null;
}

async function move(tx: Tx, changes: readonly BalanceChange[]): Promise<number> {
  if (changes.length === 0) return 0;
  const asked = padded(changes);
  const { affected } = await tx.execute(MOVE(asked.length), [...asked.flatMap(deltaOf), ...asked.flatMap(guardOf)]);
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
