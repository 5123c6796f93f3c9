import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import type { Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { keepsBalance, type Address, type AmountOf, type Asset, type WalletAsset } from './chart-of-accounts.js';
import { LedgerAccounts } from './ledger-accounts.js';
import { LedgerAccount } from './ledger-account.entity.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { LedgerTransaction } from './ledger-transaction.entity.js';
import {
  entriesOf,
  inputHash,
  ledgerInput,
  legsOf,
  postingsOf,
  reverse,
  transactionHash,
  type LedgerInput,
  type LedgerPost,
  type Leg,
} from './posting.js';

export interface PostedTransaction {
  readonly id: number;
  /** The key was used before with the same content: nothing moved now. */
  readonly replayed: boolean;
}

/** What moved on an account, and why. */
export interface StatementEntry
  extends
    Pick<LedgerEntry, 'id'>,
    Pick<LedgerTransaction, 'kind' | 'orderId' | 'itemId' | 'name' | 'reason' | 'createdAt'> {
  /** Signed: what left is negative. */
  readonly amount: Fen;
  /** Null on platform accounts. */
  readonly balanceAfter: Fen | null;
}

const ACCOUNTS = tableOf(LedgerAccount);
const TRANSACTIONS = tableOf(LedgerTransaction);
const ENTRIES = tableOf(LedgerEntry);

const STATEMENT_COLUMNS =
  `SELECT ${ENTRIES.select(['id', 'amount', 'balanceAfter'], 'e')}, ` +
  TRANSACTIONS.select(['kind', 'orderId', 'itemId', 'name', 'reason', 'createdAt'], 't');
const STATEMENT_ROWS = 'JOIN ledger_transactions t ON t.id = e.transaction_id ORDER BY e.id DESC';
const OF_ACCOUNT = {
  table: 'ledger_entries',
  alias: 'e',
  index: 'idx_ledger_entries_account',
  where: 'account_id = (SELECT id FROM ledger_accounts WHERE address = ? AND asset = ?)',
};
const LEGS =
  `SELECT ${ACCOUNTS.select(['address', 'asset'], 'a')}, ${ENTRIES.select(['amount'], 'e')} FROM ledger_entries e ` +
  'JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = ? ORDER BY e.position';
const ORIGINAL = `SELECT ${TRANSACTIONS.select(['orderId', 'itemId', 'name'])} FROM ledger_transactions WHERE id = ?`;
const CLAIMED = `SELECT ${TRANSACTIONS.select(['id', 'inputHash'])} FROM ledger_transactions WHERE post_key = ?`;
const BALANCE = 'SELECT balance FROM ledger_accounts WHERE address = ? AND asset = ?';
const SUM =
  'SELECT SUM(e.amount) AS balance FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id ' +
  'WHERE a.address = ? AND a.asset = ?';

/** The books: all money in the system moves through {@link post}, by prepared statements because every payment waits for it. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly database: Database,
    private readonly accounts: LedgerAccounts,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves money, once per key: the same key with the same content returns the earlier transaction and moves nothing.
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
    const { rows } = await tx.execute<Pick<LedgerTransaction, 'orderId' | 'itemId' | 'name'>>(ORIGINAL, [
      transactionId,
    ]);
    const original = rows[0];
    if (!original) throw notFound('ledger transaction');
    const { rows: legs } = await tx.execute<Leg>(LEGS, [transactionId]);
    const postings = reverse(postingsOf(legs));
    return this.book(tx, ledgerInput({ ...original, key, kind, reason, postings }, transactionId));
  }

  /** Committed. Fen or coins; 0 for an account that nothing has touched. */
  async balance<A extends Asset>(address: Address, asset: A): Promise<AmountOf<A>> {
    const sql = keepsBalance(address) ? BALANCE : SUM;
    const row = await this.database.readOne<{ balance: number | string | null }>(sql, [address, asset]);
    return Number(row?.balance ?? 0) as AmountOf<A>;
  }

  /** As `tx` sees it, and nobody else moves the account until the transaction ends; accounts with a running balance only. */
  async lockBalance<A extends Asset>(tx: Tx, address: Address, asset: A): Promise<AmountOf<A>> {
    const { rows } = await tx.execute<{ balance: AmountOf<A> }>(BALANCE + tx.sql.forUpdate, [address, asset]);
    return rows[0]?.balance ?? (0 as AmountOf<A>);
  }

  /** Newest first. */
  async statement(address: Address, asset: WalletAsset, { from, length }: Page): Promise<StatementEntry[]> {
    const sql = `${STATEMENT_COLUMNS} FROM ${this.database.sql.newestPage(OF_ACCOUNT)} ${STATEMENT_ROWS}`;
    return this.database.read<StatementEntry>(sql, [address, asset, length, from]);
  }

  private async book(tx: Tx, input: LedgerInput): Promise<PostedTransaction> {
    const { key: postKey, kind, postings, reason, name, orderId, itemId, reverses } = input;
    const [hash, createdAt] = [inputHash(input), this.clock.now()];
    const row = { postKey, inputHash: hash, kind, reason, name, orderId, itemId, reverses, createdAt };
    const id = await this.claim(tx, row);
    if (id === null) return { id: await findClaimed(tx, postKey, hash), replayed: true };
    const legs = await this.accounts.resolve(tx, legsOf(postings));
    const balances = await this.accounts.change(tx, legs);
    await tx.insert(ENTRIES, entriesOf(id, legs, balances));
    return { id, replayed: false };
  }

  /** The new transaction's id, or null when the key (or the reversal) is taken: a unique index decides, not a look first. */
  private async claim(tx: Tx, row: Omit<LedgerTransaction, 'id' | 'hash'>): Promise<number | null> {
    try {
      const [id] = await tx.insert(TRANSACTIONS, [{ ...row, hash: transactionHash(row) }]);
      return id;
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }
}

/** @throws DomainError `conflict` when it was the reversal that was taken, `key_reused` */
async function findClaimed(tx: Tx, key: string, hash: string): Promise<number> {
  const { rows } = await tx.execute<Pick<LedgerTransaction, 'id' | 'inputHash'>>(CLAIMED, [key]);
  const stored = rows[0];
  if (!stored) throw new DomainError('conflict', 'this was taken back before');
  if (stored.inputHash !== hash)
    throw new DomainError('key_reused', `the ledger key ${key} was used for something else`);
  return stored.id;
}
