import type { SnapshotRead } from '../../database/snapshot.js';
import { sha256, type EntryRow, type TransactionRow } from './ledger-post.js';

export interface StoredTransaction extends TransactionRow {
  readonly id: number;
  readonly hash: string;
}

export interface StoredEntry extends EntryRow {
  readonly id: number;
  readonly hash: string;
  /** Null when the account's row is gone. */
  readonly address: string | null;
  readonly asset: string | null;
}

export const TRANSACTION_COLUMNS =
  't.id, t.post_key AS postKey, t.input_hash AS inputHash, t.kind, t.reason, t.name, t.order_id AS orderId, ' +
  't.item_id AS itemId, t.reverses, t.created_at AS createdAt, t.hash';

const ENTRIES =
  'SELECT e.id, e.transaction_id AS transactionId, e.position, e.account_id AS accountId, e.amount, ' +
  'e.balance_after AS balanceAfter, e.hash, a.address, a.asset FROM ledger_entries e ' +
  'LEFT JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id BETWEEN ? AND ? ' +
  'ORDER BY e.transaction_id, e.position';

/** Entries of a range of transactions, by transaction and in order. */
export async function readEntries(
  read: SnapshotRead,
  first: number,
  last: number,
): Promise<Map<number, StoredEntry[]>> {
  const entries = new Map<number, StoredEntry[]>();
  for (const row of await read<StoredEntry>(ENTRIES, [first, last])) {
    const id = Number(row.transactionId);
    const known = entries.get(id);
    if (known) known.push(row);
    else entries.set(id, [row]);
  }
  return entries;
}

/** What a seal keeps of a transaction: a hash over its whole row and its entries' whole rows. */
export function digestOf(row: StoredTransaction, entries: readonly StoredEntry[]): string {
  const { id, postKey, inputHash, kind, reason, name, orderId, itemId, reverses, createdAt, hash } = row;
  const legs = entries.map((entry) => [
    entry.id,
    entry.position,
    entry.accountId,
    entry.amount,
    entry.balanceAfter,
    entry.hash,
  ]);
  return sha256([id, postKey, inputHash, kind, reason, name, orderId, itemId, reverses, createdAt, hash, legs]);
}

export interface SealMember {
  readonly transactionId: number;
  readonly firstEntryId: number;
  readonly entries: number;
  readonly digest: string;
}

export function sealHash(id: number, previousHash: string, members: readonly SealMember[]): string {
  const covered = members.map((member) => [member.transactionId, member.firstEntryId, member.entries, member.digest]);
  return sha256([id, previousHash, covered]);
}
