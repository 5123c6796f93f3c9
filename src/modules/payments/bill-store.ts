import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import type { Tx } from '../../database/transactions.js';

/** `missing_here`: WeChat has it, we have not booked it; `missing_there`: the other way round. */
export type DifferenceKind =
  'missing_here' | 'missing_there' | 'amount' | 'refund_missing_here' | 'refund_missing_there' | 'refund_amount';

/** Fen, null where one side has nothing; for refunds the number is the refund's own. */
export interface BillDifference {
  readonly outTradeNo: string;
  readonly kind: DifferenceKind;
  readonly ours: number | null;
  readonly theirs: number | null;
}

@Injectable()
export class BillStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** When the day was last matched, in milliseconds; null when never. */
  async findMatchedAt(date: string): Promise<number | null> {
    const row = await this.database.readOne<{ at: number }>(
      'SELECT matched_at AS at FROM bill_days WHERE bill_date = ?',
      [date],
    );
    return row && Number(row.at);
  }

  async list(date: string): Promise<BillDifference[]> {
    return this.database.read<BillDifference>(
      'SELECT out_trade_no AS outTradeNo, kind, ours, theirs FROM bill_differences WHERE bill_date = ? ORDER BY id',
      [date],
    );
  }

  /** A day may be matched again: what was found last stands. */
  async replace(tx: Tx, date: string, differences: readonly BillDifference[]): Promise<void> {
    await tx.execute('DELETE FROM bill_differences WHERE bill_date = ?', [date]);
    await tx.insertMany(
      'bill_differences',
      ['bill_date', 'out_trade_no', 'kind', 'ours', 'theirs'],
      differences.map(({ outTradeNo, kind, ours, theirs }) => [date, outTradeNo.slice(0, 64), kind, ours, theirs]),
    );
    const now = this.clock.now();
    await tx.execute(
      `INSERT INTO bill_days (bill_date, matched_at) VALUES (?, ?)${tx.sql.onConflict(['bill_date'], 'matched_at = ' + tx.sql.proposed('matched_at'))}`,
      [date, now],
    );
  }
}
