import { Entity, Index } from 'typeorm';
import { Instant, KeyRef, Ref, Small, Text } from '../../../database/columns.js';

/** A link of the chain: its hash covers the previous link and the digests of its members. */
@Entity('ledger_seals')
export class LedgerSeal {
  /** Counts up from 1 without a gap. */
  @KeyRef() id!: number;
  @Small() members!: number;
  @Text(64) previousHash!: string;
  @Text(64) hash!: string;
  @Instant() createdAt!: number;
}

/** A sealed ledger transaction: what it looked like, and where its entries stood, so that a removed one can be named. */
@Entity('ledger_seal_members')
@Index('idx_ledger_seal_members_seal', ['sealId', 'transactionId'])
export class LedgerSealMember {
  @KeyRef() transactionId!: number;
  @Ref() sealId!: number;
  @Ref() firstEntryId!: number;
  @Small() entries!: number;
  /** SHA-256 of the transaction's row and of its entries' rows. */
  @Text(64) digest!: string;
}
