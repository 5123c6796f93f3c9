import { Entity, Index } from 'typeorm';
import { Counter, Ref, Small, Text, Whole } from '../../database/columns.js';

/** One leg of a posting: posting n has its source at position 2n and its destination at 2n + 1. */
@Entity('ledger_entries')
@Index('uq_ledger_entries_position', ['transactionId', 'position'], { unique: true })
@Index('idx_ledger_entries_account', ['accountId'])
export class LedgerEntry {
  @Counter()
  id!: number;

  @Ref('transaction_id')
  transactionId!: number;

  @Small()
  position!: number;

  @Ref('account_id')
  accountId!: number;

  /** Negative where it leaves, positive where it arrives. */
  @Whole()
  amount!: number;

  /** Null on platform accounts. */
  @Whole({ name: 'balance_after', nullable: true })
  balanceAfter!: number | null;

  /** SHA-256 of this row. */
  @Text(64)
  hash!: string;
}
