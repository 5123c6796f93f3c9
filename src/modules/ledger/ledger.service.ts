import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import type { ExecuteResult, SqlValue } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { keepsBalance, type Address, type Asset } from './chart-of-accounts.js';
import { accountKey, LedgerAccounts } from './ledger-accounts.js';
import { changesOf, entryRows, legsOf, mirrored, namesOf, runningBalances, type StoredLeg } from './ledger-legs.js';
import { inputHash, ledgerInput, transactionHash, type LedgerInput, type LedgerPost } from './ledger-post.js';

export type { LedgerPost, Posting } from './ledger-post.js';

export interface PostedTransaction {
  readonly id: number;
  /** The key was used before with the same content: nothing moved now. */
  readonly replayed: boolean;
  /** After the last posting that touched the account; null on platform accounts and on those it did not touch. */
  balanceAfter(address: Address, asset: Asset): number | null;
}

export interface StatementEntry {
  readonly entryId: number;
  /** Signed: what left is negative. */
  readonly amount: number;
  readonly balanceAfter: number | null;
  readonly kind: string;
  readonly orderId: number | null;
  readonly itemId: number | null;
  readonly name: string;
  readonly reason: string;
  /** Milliseconds. */
  readonly time: number;
}

interface StoredTransaction {
  readonly id: number;
  readonly inputHash: string;
}

const ENTRY_COLUMNS = ['transaction_id', 'position', 'account_id', 'amount', 'balance_after', 'hash'] as const;
const STATEMENT =
  'SELECT e.id AS entryId, e.amount, e.balance_after AS balanceAfter, t.kind, t.order_id AS orderId, t.item_id AS itemId, ' +
  't.name, t.reason, t.created_at AS time FROM (SELECT id FROM ledger_entries WHERE account_id = ? ORDER BY id DESC ' +
  'LIMIT ? OFFSET ?) p JOIN ledger_entries e ON e.id = p.id JOIN ledger_transactions t ON t.id = e.transaction_id ORDER BY e.id DESC';

/** The books. All money in the system moves through {@link post}. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly database: Database,
    private readonly accounts: LedgerAccounts,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves money, once per key: the same key with the same content answers the earlier transaction and moves nothing.
   * After a refusal the database transaction must be given up.
   * @throws DomainError `key_reused` for other content under the key; `insufficient_balance` when an account of a user,
   * merchant or LinkV user would go below zero, also between two postings
   */
  async post(tx: Tx, post: LedgerPost): Promise<PostedTransaction> {
    return this.book(tx, ledgerInput(post));
  }

  /**
   * Takes a whole ledger transaction back by its mirror image.
   * @throws DomainError `not_found`; `conflict` when it was taken back before under another key; `insufficient_balance`
   */
  async reverse(
    tx: Tx,
    transactionId: number,
    { key, reason, kind = 'reversal' }: { key: string; reason: string; kind?: string },
  ): Promise<PostedTransaction> {
    const { rows } = await tx.execute<{ orderId: number | null; itemId: number | null; name: string }>(
      'SELECT order_id AS orderId, item_id AS itemId, name FROM ledger_transactions WHERE id = ?',
      [transactionId],
    );
    const original = rows[0];
    if (!original) throw notFound('ledger transaction');
    const postings = mirrored(await readLegs(tx, transactionId));
    return this.book(tx, ledgerInput({ ...original, key, kind, reason, postings }, transactionId));
  }

  /** Committed. Fen or coins; 0 for an account that nothing has touched. */
  async balance(address: Address, asset: Asset): Promise<number> {
    return balanceOf((sql, params) => this.database.read(sql, params), address, asset);
  }

  /** As `tx` sees it. */
  async balanceIn(tx: Tx, address: Address, asset: Asset): Promise<number> {
    return balanceOf(async (sql, params) => (await tx.execute<never>(sql, params)).rows, address, asset);
  }

  /** As {@link balanceIn}, and nobody else moves the account until the transaction ends; accounts with a running balance only. */
  async lockBalance(tx: Tx, address: Address, asset: Asset): Promise<number> {
    const { rows } = await tx.execute<{ balance: number }>(
      `SELECT balance FROM ledger_accounts WHERE address = ? AND asset = ?${tx.sql.forUpdate}`,
      [address, asset],
    );
    return Number(rows[0]?.balance ?? 0);
  }

  /** Newest first. */
  async statement(address: Address, asset: Asset, { from, length }: Page): Promise<StatementEntry[]> {
    const account = await this.database.readOne<{ id: number }>(
      'SELECT id FROM ledger_accounts WHERE address = ? AND asset = ?',
      [address, asset],
    );
    return account ? this.database.read<StatementEntry>(STATEMENT, [account.id, length, from]) : [];
  }

  private async book(tx: Tx, input: LedgerInput): Promise<PostedTransaction> {
    const hash = inputHash(input);
    const claimed = await this.claim(tx, input, hash);
    if (claimed === null) return this.replay(tx, input, hash);
    const legs = input.postings.flatMap(legsOf);
    const ids = await this.accounts.resolve(tx, input.postings.flatMap(namesOf));
    const balances = await this.accounts.change(tx, changesOf(legs, ids), ids);
    const running = runningBalances(legs, balances);
    await tx.insertMany('ledger_entries', ENTRY_COLUMNS, entryRows(claimed, legs, ids, running));
    return {
      id: claimed,
      replayed: false,
      balanceAfter: (address, asset) => balances.get(accountKey(address, asset)) ?? null,
    };
  }

  /** The new transaction's id, or null when the key (or the reversal) is taken: a unique index decides, not a look first. */
  private async claim(tx: Tx, input: LedgerInput, hash: string): Promise<number | null> {
    const row = { ...input, postKey: input.key, inputHash: hash, createdAt: this.clock.now() };
    const { key, kind, reason, name, orderId, itemId, reverses, createdAt } = row;
    try {
      const { insertId }: ExecuteResult<never> = await tx.execute(
        'INSERT INTO ledger_transactions (post_key, input_hash, kind, reason, name, order_id, item_id, reverses, created_at, hash) ' +
          'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        [key, hash, kind, reason, name, orderId, itemId, reverses, createdAt, transactionHash(row)],
      );
      return insertId;
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  private async replay(tx: Tx, input: LedgerInput, hash: string): Promise<PostedTransaction> {
    const { rows } = await tx.execute<StoredTransaction>(
      'SELECT id, input_hash AS inputHash FROM ledger_transactions WHERE post_key = ?',
      [input.key],
    );
    const stored = rows[0];
    if (!stored) throw new DomainError('conflict', 'this was taken back before');
    if (stored.inputHash !== hash)
      throw new DomainError('key_reused', `the ledger key ${input.key} was used for something else`);
    const id = Number(stored.id);
    const after = new Map<string, number | null>();
    for (const { address, asset, balanceAfter } of await readLegs(tx, id)) {
      after.set(accountKey(address, asset), balanceAfter === null ? null : Number(balanceAfter));
    }
    return { id, replayed: true, balanceAfter: (address, asset) => after.get(accountKey(address, asset)) ?? null };
  }
}

type Read = (sql: string, params: readonly SqlValue[]) => Promise<{ balance: number | string | null }[]>;

async function balanceOf(read: Read, address: Address, asset: Asset): Promise<number> {
  const sql = keepsBalance(address)
    ? 'SELECT balance FROM ledger_accounts WHERE address = ? AND asset = ?'
    : 'SELECT SUM(e.amount) AS balance FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id WHERE a.address = ? AND a.asset = ?';
  const [row] = await read(sql, [address, asset]);
  return Number(row?.balance ?? 0);
}

async function readLegs(tx: Tx, transactionId: number): Promise<StoredLeg[]> {
  const { rows } = await tx.execute<StoredLeg>(
    'SELECT e.position, a.address, a.asset, e.amount, e.balance_after AS balanceAfter FROM ledger_entries e ' +
      'JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = ? ORDER BY e.position',
    [transactionId],
  );
  return rows;
}
