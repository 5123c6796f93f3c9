import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import type { LedgerTransaction } from '../ledger-transaction.entity.js';
import { entryHash, inputHash, postingsOf, transactionHash, type Leg } from '../posting.js';
import type { AuditReport, BrokenRow } from './audit-report.js';
import { digestOf, readEntries, TRANSACTION_COLUMNS, type AuditedEntry } from './audit-rows.js';
import { exact, type ExactSums } from './exact-sums.js';
import { LedgerSealMember } from './ledger-seal.entity.js';

const SLICE = 500;
const NEXT = `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t WHERE t.id > ? ORDER BY t.id LIMIT ?`;
const MEMBERS = `SELECT ${tableOf(LedgerSealMember).select()} FROM ledger_seal_members WHERE transaction_id BETWEEN ? AND ?`;

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
    private readonly sums: ExactSums,
  ) {}

  async run(): Promise<void> {
    for (let after = 0; ;) {
      const rows = await this.read<LedgerTransaction>(NEXT, [after, SLICE]);
      const last = rows.length < SLICE ? Number.MAX_SAFE_INTEGER : rows[rows.length - 1].id;
      await this.checkSlice(rows, after + 1, last);
      if (rows.length < SLICE) return;
      after = last;
    }
  }

  private async checkSlice(rows: readonly LedgerTransaction[], first: number, last: number): Promise<void> {
    const entries = await readEntries(this.read, first, last);
    const members = await readMembers(this.read, first, last);
    for (const row of rows) {
      this.checkTransaction(row, entries.get(row.id) ?? [], members.get(row.id));
      entries.delete(row.id);
      members.delete(row.id);
    }
    for (const legs of entries.values()) {
      this.add(legs);
      this.checkEntries(legs, undefined);
    }
    for (const id of new Set([...entries.keys(), ...members.keys()]))
      this.name('ledger_transaction', id, 'was removed');
  }

  private checkTransaction(
    row: LedgerTransaction,
    legs: readonly AuditedEntry[],
    member: LedgerSealMember | undefined,
  ): void {
    const { id } = row;
    const before = this.report.chain.broken.length;
    this.report.counts.transactions += 1;
    this.add(legs);
    this.checkBalance(id, legs);
    this.checkEntries(legs, member);
    if (transactionHash(row) !== row.hash) this.name('ledger_transaction', id, 'was changed');
    if (this.report.chain.broken.length > before) return;
    if (!member && id < this.known.sealedUpTo) this.name('ledger_transaction', id, 'was added behind the seals');
    if (inputHash({ ...row, postings: postingsOf(legs as readonly Leg[]) }) !== row.inputHash) {
      const renamed = legs.some(({ accountId }) => this.known.accounts.has(accountId));
      if (!renamed) this.name('ledger_transaction', id, 'has not the entries that were posted');
    } else if (member && digestOf(row, legs) !== member.digest) {
      if (this.known.seals.has(member.sealId)) this.name('ledger_seal_member', id, 'was changed');
      else this.name('ledger_transaction', id, 'is not what was sealed');
    }
  }

  private checkBalance(id: number, legs: readonly AuditedEntry[]): void {
    const totals = new Map<string, bigint>();
    for (const { asset, amount } of legs) totals.set(asset ?? '', (totals.get(asset ?? '') ?? 0n) + exact(amount));
    for (const [asset, sum] of totals) if (sum !== 0n) this.report.unbalanced.push({ id, asset, sum });
  }

  private checkEntries(legs: readonly AuditedEntry[], member: LedgerSealMember | undefined): void {
    for (const leg of legs) {
      const sealed = member === undefined || leg.position < member.entries;
      if (entryHash(leg) !== leg.hash) this.name('ledger_entry', leg.id, 'was changed');
      else if (!sealed) this.name('ledger_entry', leg.id, 'was added');
      if (leg.address === null) this.name('ledger_account', leg.accountId, 'was removed');
    }
    for (const id of removedEntries(legs, member)) this.name('ledger_entry', id, 'was removed');
  }

  private add(legs: readonly AuditedEntry[]): void {
    this.report.counts.entries += legs.length;
    for (const { accountId, amount } of legs) this.sums.add(accountId, amount);
  }

  private name(table: BrokenRow['table'], id: number, problem: string): void {
    if (this.named.has(`${table} ${id}`)) return;
    this.named.add(`${table} ${id}`);
    this.report.chain.broken.push({ table, id, problem });
  }
}

async function readMembers(read: SnapshotRead, first: number, last: number): Promise<Map<number, LedgerSealMember>> {
  const rows = await read<LedgerSealMember>(MEMBERS, [first, last]);
  return new Map(rows.map((row) => [row.transactionId, row]));
}

/** One INSERT wrote all entries of a transaction, so their ids stand in equal steps and a gap has a name. */
function removedEntries(legs: readonly AuditedEntry[], member: LedgerSealMember | undefined): number[] {
  const present = new Set(legs.map(({ position }) => position));
  const highest = Math.max(-1, ...present);
  const count = member ? member.entries : highest + 1 + ((highest + 1) % 2);
  if (present.size >= count) return [];
  const [one, two] = legs;
  const step = one && two ? (two.id - one.id) / (two.position - one.position) : 1;
  const first = one ? one.id - one.position * step : member!.firstEntryId;
  const missing = Array.from({ length: count }, (_, position) => position).filter((position) => !present.has(position));
  return missing.map((position) => first + position * step);
}
