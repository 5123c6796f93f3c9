import type { SnapshotRead } from '../../database/snapshot.js';
import type { AuditReport, BrokenRow } from './audit-report.js';
import type { Address, Asset } from './chart-of-accounts.js';
import { entryHash, inputHash, transactionHash, type Posting } from './ledger-post.js';
import {
  digestOf,
  readEntries,
  TRANSACTION_COLUMNS,
  type SealMember,
  type StoredEntry,
  type StoredTransaction,
} from './ledger-rows.js';

const SLICE = 500;

interface Member extends SealMember {
  readonly sealId: number;
}

export interface KnownBroken {
  readonly seals: ReadonlySet<number>;
  readonly accounts: ReadonlySet<number>;
  /** Older transactions than this are all sealed. */
  readonly sealedUpTo: number;
}

/** Goes through all transactions with their entries and seal members, in slices, and adds entries up into `sums`. */
export class TransactionAudit {
  private readonly named = new Set<string>();

  constructor(
    private readonly read: SnapshotRead,
    private readonly report: AuditReport,
    private readonly known: KnownBroken,
    private readonly sums: Float64Array,
  ) {}

  async run(): Promise<void> {
    for (let after = 0; ;) {
      const rows = await this.read<StoredTransaction>(
        `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t WHERE t.id > ? ORDER BY t.id LIMIT ?`,
        [after, SLICE],
      );
      const last = rows.length < SLICE ? Number.MAX_SAFE_INTEGER : Number(rows[rows.length - 1].id);
      await this.checkSlice(rows, after + 1, last);
      if (rows.length < SLICE) return;
      after = last;
    }
  }

  private async checkSlice(rows: readonly StoredTransaction[], first: number, last: number): Promise<void> {
    const entries = await readEntries(this.read, first, last);
    const members = await readMembers(this.read, first, last);
    for (const row of rows) {
      const id = Number(row.id);
      this.checkTransaction(row, entries.get(id) ?? [], members.get(id));
      entries.delete(id);
      members.delete(id);
    }
    for (const legs of entries.values()) {
      this.add(legs);
      this.checkEntries(legs, undefined);
    }
    for (const id of new Set([...entries.keys(), ...members.keys()]))
      this.name('ledger_transaction', id, 'was removed');
  }

  private checkTransaction(row: StoredTransaction, legs: readonly StoredEntry[], member: Member | undefined): void {
    const id = Number(row.id);
    const before = this.report.chain.broken.length;
    this.report.counts.transactions += 1;
    this.add(legs);
    this.checkBalance(id, legs);
    this.checkEntries(legs, member);
    if (transactionHash(row) !== row.hash) this.name('ledger_transaction', id, 'was changed');
    if (this.report.chain.broken.length > before) return;
    if (!member && id < this.known.sealedUpTo) this.name('ledger_transaction', id, 'was added behind the seals');
    if (inputHash({ ...row, postings: postingsOf(legs) }) !== row.inputHash) {
      const renamed = legs.some(({ accountId }) => this.known.accounts.has(Number(accountId)));
      if (!renamed) this.name('ledger_transaction', id, 'has not the entries that were posted');
    } else if (member && digestOf(row, legs) !== member.digest) {
      if (this.known.seals.has(Number(member.sealId))) this.name('ledger_seal_member', id, 'was changed');
      else this.name('ledger_transaction', id, 'is not what was sealed');
    }
  }

  private checkBalance(id: number, legs: readonly StoredEntry[]): void {
    const totals = new Map<string, number>();
    for (const { asset, amount } of legs) totals.set(asset ?? '', (totals.get(asset ?? '') ?? 0) + Number(amount));
    for (const [asset, sum] of totals) if (sum !== 0) this.report.unbalanced.push({ id, asset, sum });
  }

  private checkEntries(legs: readonly StoredEntry[], member: Member | undefined): void {
    for (const leg of legs) {
      const sealed = member === undefined || Number(leg.position) < Number(member.entries);
      if (entryHash(leg) !== leg.hash) this.name('ledger_entry', Number(leg.id), 'was changed');
      else if (!sealed) this.name('ledger_entry', Number(leg.id), 'was added');
      if (leg.address === null) this.name('ledger_account', Number(leg.accountId), 'was removed');
    }
    for (const id of removedEntries(legs, member)) this.name('ledger_entry', id, 'was removed');
  }

  private add(legs: readonly StoredEntry[]): void {
    this.report.counts.entries += legs.length;
    for (const { accountId, amount } of legs) {
      if (Number(accountId) < this.sums.length) this.sums[Number(accountId)] += Number(amount);
    }
  }

  private name(table: BrokenRow['table'], id: number, problem: string): void {
    if (this.named.has(`${table} ${id}`)) return;
    this.named.add(`${table} ${id}`);
    this.report.chain.broken.push({ table, id, problem });
  }
}

async function readMembers(read: SnapshotRead, first: number, last: number): Promise<Map<number, Member>> {
  const rows = await read<Member>(
    'SELECT transaction_id AS transactionId, seal_id AS sealId, first_entry_id AS firstEntryId, entries, digest ' +
      'FROM ledger_seal_members WHERE transaction_id BETWEEN ? AND ?',
    [first, last],
  );
  return new Map(rows.map((row) => [Number(row.transactionId), row]));
}

/** One INSERT wrote all entries of a transaction, so their ids stand in equal steps and a gap has a name. */
function removedEntries(legs: readonly StoredEntry[], member: Member | undefined): number[] {
  const present = new Set(legs.map(({ position }) => Number(position)));
  const highest = Math.max(-1, ...present);
  const count = member ? Number(member.entries) : highest + 1 + ((highest + 1) % 2);
  if (present.size >= count) return [];
  const [one, two] = legs;
  const step = one && two ? (Number(two.id) - Number(one.id)) / (Number(two.position) - Number(one.position)) : 1;
  const first = one ? Number(one.id) - Number(one.position) * step : Number(member?.firstEntryId);
  const missing = Array.from({ length: count }, (_, position) => position).filter((position) => !present.has(position));
  return missing.map((position) => first + position * step);
}

function postingsOf(legs: readonly StoredEntry[]): Posting[] {
  const postings: Posting[] = [];
  for (let index = 0; index + 1 < legs.length; index += 2) {
    const [source, destination] = [legs[index], legs[index + 1]];
    postings.push({
      source: source.address as Address,
      destination: destination.address as Address,
      amount: Number(destination.amount),
      asset: destination.asset as Asset,
    });
  }
  return postings;
}
