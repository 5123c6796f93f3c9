import { Entity, Index } from 'typeorm';
import type { Fen } from '../../../common/money.js';
import { Counter, Instant, KeyText, Text, Whole } from '../../../database/columns.js';

/** `missing_here`: WeChat has it, we have not booked it; `missing_there`: the other way round. */
export type DifferenceKind =
  'missing_here' | 'missing_there' | 'amount' | 'refund_missing_here' | 'refund_missing_there' | 'refund_amount';

/** A day (Beijing time) whose trade bill has been matched. */
@Entity('bill_days')
export class BillDay {
  /** `YYYY-MM-DD`. */
  @KeyText(10) billDate!: string;
  @Instant() matchedAt!: number;
}

/** Where WeChat's bill and our books disagree. Amounts in fen, null where one side has nothing. */
@Entity('bill_differences')
@Index('idx_bill_differences_date', ['billDate'])
export class BillDifference {
  @Counter() id!: number;
  @Text(10) billDate!: string;
  /** The refund's own number for differences of refunds. */
  @Text(64) outTradeNo!: string;
  @Text(24) kind!: DifferenceKind;
  @Whole({ nullable: true }) ours!: Fen | null;
  @Whole({ nullable: true }) theirs!: Fen | null;
}
