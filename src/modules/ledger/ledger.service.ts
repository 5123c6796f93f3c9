import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { fen, type Fen } from '../../common/money.js';
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

/**
 * The books: all money in the system moves through {@link LedgerService.postAll}.
 * HOT PATH: every payment waits for it (docs/performance.md, "Where the speed lives").
 */
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
    const [posted] = await this.postAll(tx, [post]);
    return posted;
  }

  /** As if each was posted after the one before it, in as many statements as one; returns theirs in order. */
  async postAll(tx: Tx, posts: readonly LedgerPost[]): Promise<PostedTransaction[]> {
    return this.book(
      tx,
      posts.map((post) => ledgerInput(post)),
    );
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
    const [posted] = await this.book(tx, [ledgerInput({ ...original, key, kind, reason, postings }, transactionId)]);
    return posted;
  }

  /** Committed. Fen or coins; 0 for an account that nothing has touched. @throws RangeError for a sum beyond 2^53 - 1 */
  async balance<A extends Asset>(address: Address, asset: A): Promise<AmountOf<A>> {
    const sql = keepsBalance(address) ? BALANCE : SUM;
    const row = await this.database.readOne<{ balance: number | string | null }>(sql, [address, asset]);
    return fen(Number(row?.balance ?? 0)) as AmountOf<A>;
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

  private async book(tx: Tx, inputs: readonly LedgerInput[]): Promise<PostedTransaction[]> {
    const createdAt = this.clock.now();
    const posted = await claim(
      tx,
      inputs.map((input) => transactionRow(input, createdAt)),
    );
    const legs = posted.flatMap(({ id, replayed }, index) => (replayed ? [] : legsOf(id, inputs[index].postings)));
    if (legs.length === 0) return posted;
    const accountIds = await this.accounts.resolve(tx, legs);
    const balances = await this.accounts.change(tx, legs, accountIds);
    await tx.insert(ENTRIES, entriesOf(legs, accountIds, balances));
    return posted;
  }
}

type TransactionDraft = Omit<LedgerTransaction, 'id'>;

function transactionRow(input: LedgerInput, createdAt: number): TransactionDraft {
  const { key: postKey, kind, reason, name, orderId, itemId, reverses } = input;
  const row = {
    postKey,
    inputHash: inputHash(input),
    kind,
    reason,
    name,
    orderId,
    itemId,
    reverses,
    createdAt,
    hash: '',
  };
  row.hash = transactionHash(row);
  return row;
}

/** A unique index decides whose key (or reversal) it is, not a look first. Where one is taken, each is claimed by itself. */
async function claim(tx: Tx, rows: readonly TransactionDraft[]): Promise<PostedTransaction[]> {
  try {
    return (await tx.insert(TRANSACTIONS, rows)).map((id) => ({ id, replayed: false }));
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  if (rows.length === 1) return [{ id: await findClaimed(tx, rows[0]), replayed: true }];
  const posted: PostedTransaction[] = [];
  for (const row of rows) posted.push(...(await claim(tx, [row])));
  return posted;
}

/** @throws DomainError `conflict` when it was the reversal that was taken, `key_reused` */
async function findClaimed(tx: Tx, { postKey, inputHash: asked }: TransactionDraft): Promise<number> {
  const { rows } = await tx.execute<Pick<LedgerTransaction, 'id' | 'inputHash'>>(CLAIMED, [postKey]);
  const stored = rows[0];
  if (!stored) throw new DomainError('conflict', 'this was taken back before');
  if (stored.inputHash !== asked) {
    throw new DomainError('key_reused', `the ledger key ${postKey} was used for something else`);
  }
  return stored.id;
}
