import { Entity, Index } from 'typeorm';
import { Counter, Ref, Small, Text, Whole } from '../../database/columns.js';
import type { Amount } from './chart-of-accounts.js';

/** One leg of a posting: posting n has its source at position 2n and its destination at 2n + 1. */
@Entity('ledger_entries')
@Index('uq_ledger_entries_position', ['transactionId', 'position'], { unique: true })
@Index('idx_ledger_entries_account', ['accountId'])
export class LedgerEntry {
  @Counter() id!: number;
  @Ref() transactionId!: number;
  @Small() position!: number;
  @Ref() accountId!: number;
  /** Negative where it leaves, positive where it arrives. */
  @Whole() amount!: Amount;
  /** Null on platform accounts. */
  @Whole({ nullable: true }) balanceAfter!: Amount | null;
  /** SHA-256 of this row. */
  @Text(64) hash!: string;
}
