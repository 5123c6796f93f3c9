import { groupBy } from '../../../common/group-by.js';
import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import type { Address, Asset } from '../chart-of-accounts.js';
import { LedgerAccount } from '../ledger-account.entity.js';
import { LedgerEntry } from '../ledger-entry.entity.js';
import { LedgerTransaction } from '../ledger-transaction.entity.js';
import { hashOf } from '../posting.js';
import type { LedgerSealMember } from './ledger-seal.entity.js';

export interface AuditedEntry extends LedgerEntry {
  /** Null when the account's row is gone. */
  readonly address: Address | null;
  readonly asset: Asset | null;
}

export type SealMember = Omit<LedgerSealMember, 'sealId'>;

export const TRANSACTION_COLUMNS = tableOf(LedgerTransaction).select(undefined, 't');

const ENTRIES =
  `SELECT ${tableOf(LedgerEntry).select(undefined, 'e')}, ${tableOf(LedgerAccount).select(['address', 'asset'], 'a')} ` +
  'FROM ledger_entries e LEFT JOIN ledger_accounts a ON a.id = e.account_id ' +
  'WHERE e.transaction_id BETWEEN ? AND ? ORDER BY e.transaction_id, e.position';

/** Entries of a range of transactions, by transaction and in order. */
export async function readEntries(
  read: SnapshotRead,
  first: number,
  last: number,
): Promise<Map<number, AuditedEntry[]>> {
  return groupBy(await read<AuditedEntry>(ENTRIES, [first, last]), ({ transactionId }) => transactionId);
}

/** What a seal keeps of a transaction: a hash over its whole row and its entries' whole rows. */
export function digestOf(row: LedgerTransaction, entries: readonly LedgerEntry[]): string {
  const { id, postKey, inputHash, kind, reason, name, orderId, itemId, reverses, createdAt, hash } = row;
  const legs = entries.map((entry) => [
    entry.id,
    entry.position,
    entry.accountId,
    entry.amount,
    entry.balanceAfter,
    entry.hash,
  ]);
  return hashOf([id, postKey, inputHash, kind, reason, name, orderId, itemId, reverses, createdAt, hash, legs]);
}

export function sealHash(id: number, previousHash: string, members: readonly SealMember[]): string {
  const covered = members.map((member) => [member.transactionId, member.firstEntryId, member.entries, member.digest]);
  return hashOf([id, previousHash, covered]);
}
