import { Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Text } from '../../database/columns.js';

/** Why money moved. Append-only, as its entries are: a correction is another transaction. */
@Entity('ledger_transactions')
@Index('uq_ledger_transactions_key', ['postKey'], { unique: true })
@Index('uq_ledger_transactions_reverses', ['reverses'], { unique: true })
export class LedgerTransaction {
  @Counter() id!: number;
  /** Unique per effect, such as `payment:17:capture`. */
  @Text(191) postKey!: string;
  /** SHA-256 of what was asked: the same key with other content is refused. */
  @Text(64) inputHash!: string;
  @Text(32) kind!: string;
  @Text(255) reason!: string;
  /** What statements show: the first product's title, or the item's name. */
  @Text(255) name!: string;
  @Ref({ nullable: true }) orderId!: number | null;
  @Ref({ nullable: true }) itemId!: number | null;
  /** The transaction that this one takes back; each can be taken back once. */
  @Ref({ nullable: true }) reverses!: number | null;
  @Instant() createdAt!: number;
  /** SHA-256 of this row. */
  @Text(64) hash!: string;
}
