import { Entity, Index } from 'typeorm';
import { Counter, Instant, KeyText, Text, Whole } from '../../database/columns.js';

/** A day (Beijing time) whose trade bill has been matched. */
@Entity('bill_days')
export class BillDay {
  /** `YYYY-MM-DD`. */
  @KeyText(10, 'bill_date')
  billDate!: string;

  @Instant({ name: 'matched_at' })
  matchedAt!: Date;
}

/** Where WeChat's bill and our books disagree. Amounts in fen, null where one side has nothing. */
@Entity('bill_differences')
@Index('idx_bill_differences_date', ['billDate'])
export class BillDifferenceRow {
  @Counter()
  id!: number;

  @Text(10, { name: 'bill_date' })
  billDate!: string;

  /** The refund's own number for differences of refunds. */
  @Text(64, { name: 'out_trade_no' })
  outTradeNo!: string;

  @Text(24)
  kind!: string;

  @Whole({ nullable: true })
  ours!: number | null;

  @Whole({ nullable: true })
  theirs!: number | null;
}
