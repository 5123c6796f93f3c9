import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { recordHasChanged } from '../../database/errors.js';
import { placeholders } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { keepsBalance } from './chart-of-accounts.js';
import { accountHash } from './ledger-post.js';

interface AccountName {
  readonly address: string;
  readonly asset: string;
}

interface AccountRow extends AccountName {
  readonly id: number;
}

/** What a post does to one account with a running balance. */
export interface BalanceChange {
  /** {@link accountKey} */
  readonly account: string;
  readonly accountId: number;
  readonly delta: number;
  /** The lowest point on the way there, at most 0: also between two postings the balance is not negative. */
  readonly lowest: number;
}

const MAX_REMEMBERED = 50_000;

/** Finds, makes and moves accounts, in one round trip each. */
@Injectable()
export class LedgerAccounts {
  /** Ids never change and accounts are never removed. */
  private readonly ids = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Ids by {@link accountKey}; makes what is missing. */
  async resolve(tx: Tx, names: readonly AccountName[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const unknown = new Map<string, AccountName>();
    for (const name of names) {
      const key = accountKey(name.address, name.asset);
      const id = this.ids.get(key);
      if (id === undefined) unknown.set(key, name);
      else found.set(key, id);
    }
    if (unknown.size === 0) return found;
    for (const row of await this.findOrMake(tx, [...unknown.values()])) {
      found.set(accountKey(row.address, row.asset), Number(row.id));
    }
    tx.afterCommit(() => {
      if (this.ids.size >= MAX_REMEMBERED) this.ids.clear();
      for (const key of unknown.keys()) this.ids.set(key, found.get(key)!);
    });
    return found;
  }

  /**
   * One guarded relative UPDATE, its rows taken in id order on every path so that two posts cannot lock each other out.
   * Answers the balances by account key, after a look whether `ids` still names the right rows (a restored backup).
   * @throws DomainError `insufficient_balance`; the transaction must then be given up, some of its accounts have moved
   */
  async change(
    tx: Tx,
    changes: readonly BalanceChange[],
    ids: ReadonlyMap<string, number>,
  ): Promise<Map<string, number | null>> {
    const ordered = [...changes].sort((a, b) => a.accountId - b.accountId);
    const moved = await move(tx, ordered);
    const { rows } = await tx.execute<AccountRow & { balance: number | null }>(
      `SELECT id, address, asset, balance FROM ledger_accounts WHERE id IN (${placeholders(ids.size)})`,
      [...ids.values()],
    );
    const balances = new Map<string, number | null>();
    for (const { id, address, asset, balance } of rows) {
      const key = accountKey(address, asset);
      if (ids.get(key) === Number(id)) balances.set(key, balance === null ? null : Number(balance));
    }
    if (balances.size !== ids.size) {
      this.ids.clear();
      throw recordHasChanged('an account is not where it was');
    }
    if (moved !== ordered.length) throw refusal(ordered);
    return balances;
  }

  private async findOrMake(tx: Tx, names: readonly AccountName[]): Promise<AccountRow[]> {
    const existing = await find(tx, names);
    if (existing.length === names.length) return existing;
    const known = new Set(existing.map(({ address, asset }) => accountKey(address, asset)));
    const missing = names.filter(({ address, asset }) => !known.has(accountKey(address, asset)));
    missing.sort((a, b) => (accountKey(a.address, a.asset) < accountKey(b.address, b.asset) ? -1 : 1));
    const now = this.clock.now();
    await tx.execute(
      `${tx.sql.insertIgnore} INTO ledger_accounts (address, asset, balance, hash, created_at) VALUES ` +
        missing.map(() => '(?, ?, ?, ?, ?)').join(', '),
      missing.flatMap(({ address, asset }) => [
        address,
        asset,
        keepsBalance(address) ? 0 : null,
        accountHash(address, asset),
        now,
      ]),
    );
    return [...existing, ...(await find(tx, missing))];
  }
}

export function accountKey(address: string, asset: string): string {
  return `${address} ${asset}`;
}

async function find(tx: Tx, names: readonly AccountName[]): Promise<AccountRow[]> {
  const { rows } = await tx.execute<AccountRow>(
    `SELECT id, address, asset FROM ledger_accounts WHERE ${names.map(() => '(address = ? AND asset = ?)').join(' OR ')}`,
    names.flatMap(({ address, asset }) => [address, asset]),
  );
  return rows;
}

async function move(tx: Tx, changes: readonly BalanceChange[]): Promise<number> {
  if (changes.length === 0) return 0;
  const deltas = changes.map(() => 'WHEN ? THEN ?').join(' ');
  const guards = changes.map(() => '(id = ? AND balance BETWEEN ? AND ?)').join(' OR ');
  const { affected } = await tx.execute(
    `UPDATE ledger_accounts SET balance = balance + CASE id ${deltas} ELSE 0 END WHERE ${guards}`,
    [...changes.flatMap(deltaOf), ...changes.flatMap(guardOf)],
  );
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
