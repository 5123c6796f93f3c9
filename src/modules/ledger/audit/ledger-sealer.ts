import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Database } from '../../../database/database.js';
import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import { Transactions } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import type { LedgerTransaction } from '../ledger-transaction.entity.js';
import { digestOf, readEntries, sealHash, TRANSACTION_COLUMNS, type SealMember } from './audit-rows.js';
import { LedgerSeal, LedgerSealMember } from './ledger-seal.entity.js';

/** Ids are given out before they are committed: so far behind the newest sealed one each run looks for what committed later. */
export const LATE_WINDOW = 10_000;
/** Older ids that a run looks at besides, where nothing should be unsealed; the next run goes on from there. */
const SWEEP = 10_000;
const BATCH = 500;

const SEALS = tableOf(LedgerSeal);
const MEMBERS = tableOf(LedgerSealMember);

const UNSEALED =
  `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t LEFT JOIN ledger_seal_members m ON m.transaction_id = t.id ` +
  'WHERE t.id > ? AND t.id <= ? AND m.transaction_id IS NULL ORDER BY t.id LIMIT ?';

/**
 * Seals what is committed, in batches by id, each covering the one before; nothing that moves money waits for it. No clock says
 * what is sealed, and whatever the ids do, nothing stays unsealed.
 */
@Injectable()
export class LedgerSealer {
  private readonly logger = new Logger('ledger');
  private swept = 0;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Returns how many transactions it has sealed. */
  @PeriodicJob({ name: 'ledger.seal', everySeconds: 10 })
  async seal(): Promise<number> {
    const newest = await this.database.readOne<{ id: number | null }>(
      'SELECT MAX(transaction_id) AS id FROM ledger_seal_members',
    );
    const recent = Math.max(0, (newest?.id ?? 0) - LATE_WINDOW);
    const late = await this.sweep(recent);
    for (const id of late.slice(0, 100)) {
      this.logger.error(`ledger_transaction ${id} is sealed far behind its neighbours: it committed late or was added`);
    }
    return late.length + (await this.sealBetween(recent, Number.MAX_SAFE_INTEGER)).length;
  }

  private async sweep(end: number): Promise<number[]> {
    const from = this.swept < end ? this.swept : 0;
    this.swept = Math.min(from + SWEEP, end);
    return this.sealBetween(from, this.swept);
  }

  /** Ids above `after`, up to `last`. Returns those of what it has sealed. */
  private async sealBetween(after: number, last: number): Promise<number[]> {
    const sealed: number[] = [];
    for (let from = after; from < last;) {
      const members = await this.unsealed(from, last);
      if (members.length > 0) await this.sealBatch(members);
      sealed.push(...members.map(({ transactionId }) => transactionId));
      if (members.length < BATCH) break;
      from = members[members.length - 1].transactionId;
    }
    return sealed;
  }

  private async sealBatch(members: readonly SealMember[]): Promise<void> {
    const last = await this.database.readOne<{ id: number; hash: string }>(
      'SELECT id, hash FROM ledger_seals ORDER BY id DESC LIMIT 1',
    );
    const [id, previousHash] = [(last?.id ?? 0) + 1, last?.hash ?? ''];
    const hash = sealHash(id, previousHash, members);
    const seal = { id, members: members.length, previousHash, hash, createdAt: this.clock.now() };
    await this.transactions.run(async (tx) => {
      await tx.insert(SEALS, [seal]);
      await tx.insert(
        MEMBERS,
        members.map((member) => ({ ...member, sealId: id })),
      );
    });
  }

  private async unsealed(after: number, upTo: number): Promise<SealMember[]> {
    const read: SnapshotRead = (sql, params) => this.database.read(sql, params);
    const rows = await read<LedgerTransaction>(UNSEALED, [after, upTo, BATCH]);
    if (rows.length === 0) return [];
    const entries = await readEntries(read, rows[0].id, rows[rows.length - 1].id);
    return rows.map((row) => {
      const legs = entries.get(row.id) ?? [];
      return {
        transactionId: row.id,
        firstEntryId: legs[0]?.id ?? 0,
        entries: legs.length,
        digest: digestOf(row, legs),
      };
    });
  }
}
