import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { Transactions } from '../../../database/transactions.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { BillDay, BillDifference } from './bill.entity.js';

export type Difference = Pick<BillDifference, 'outTradeNo' | 'kind' | 'ours' | 'theirs'>;

/** More of one day are not listed: each of them alarms. */
const MAX_LISTED = 1000;

/** Which days have been matched, and what differed. */
@Injectable()
export class BillStore {
  constructor(
    @InjectRepository(BillDay) private readonly days: Repository<BillDay>,
    @InjectRepository(BillDifference) private readonly differences: Repository<BillDifference>,
    private readonly transactions: Transactions,
    private readonly alerts: PaymentAlerts,
    private readonly clock: Clock,
  ) {}

  /** When the day was last matched, in milliseconds; null when never. */
  async findMatchedAt(billDate: string): Promise<number | null> {
    return (await this.days.findOneBy({ billDate }))?.matchedAt ?? null;
  }

  /** In the order in which they were found, the first thousand. */
  list(billDate: string): Promise<BillDifference[]> {
    return this.differences.find({ where: { billDate }, order: { id: 'ASC' }, take: MAX_LISTED });
  }

  /** A day may be matched again: what was found last stands. Every difference alarms. */
  async replace(billDate: string, differences: readonly Difference[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.manager.delete(BillDifference, { billDate });
      const rows = differences.map((one) => ({ billDate, ...one, outTradeNo: one.outTradeNo.slice(0, 64) }));
      if (rows.length > 0) await tx.manager.insert(BillDifference, rows);
      await tx.manager.upsert(BillDay, { billDate, matchedAt: this.clock.now() }, ['billDate']);
      for (const difference of differences) {
        await this.alerts.raiseIn(tx, 'bill', difference.outTradeNo, { date: billDate, ...difference });
      }
    });
  }
}
