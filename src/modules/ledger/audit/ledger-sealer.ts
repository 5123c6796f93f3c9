import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Database } from '../../../database/database.js';
import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import { Transactions } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import type { LedgerTransaction } from '../ledger-transaction.entity.js';
import { digestOf, readEntries, sealHash, TRANSACTION_COLUMNS, type SealMember } from './audit-rows.js';
import { LedgerSeal, LedgerSealMember } from './ledger-seal.entity.js';

/** Ids are given out before they are committed: a transaction this young may still have an older neighbour (milliseconds). */
const SETTLED_AFTER = 5000;
/** One that commits later still is sealed with the next batch, as long as it is not further behind than this many ids. */
export const LATE_WINDOW = 10_000;
const BATCH = 500;

const SEALS = tableOf(LedgerSeal);
const MEMBERS = tableOf(LedgerSealMember);

const UNSEALED =
  `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t LEFT JOIN ledger_seal_members m ON m.transaction_id = t.id ` +
  'WHERE t.id > ? AND t.created_at <= ? AND m.transaction_id IS NULL ORDER BY t.id LIMIT ?';

/** Seals committed transactions in batches, each covering the one before; nothing that moves money waits for it. */
@Injectable()
export class LedgerSealer {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Seals what is older than `settledAfter` milliseconds. Returns how many transactions. */
  @PeriodicJob({ name: 'ledger.seal', everySeconds: 10 })
  async seal(settledAfter: number = SETTLED_AFTER): Promise<number> {
    for (let total = 0; ;) {
      const count = await this.sealBatch(this.clock.now() - settledAfter);
      total += count;
      if (count < BATCH) return total;
    }
  }

  private async sealBatch(before: number): Promise<number> {
    const members = await this.unsealed(before);
    if (members.length === 0) return 0;
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
    return members.length;
  }

  private async unsealed(before: number): Promise<SealMember[]> {
    const read: SnapshotRead = (sql, params) => this.database.read(sql, params);
    const [newest] = await read<{ id: number | null }>('SELECT MAX(transaction_id) AS id FROM ledger_seal_members');
    const rows = await read<LedgerTransaction>(UNSEALED, [(newest?.id ?? 0) - LATE_WINDOW, before, BATCH]);
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
