import { Entity, Index } from 'typeorm';
import { Instant, KeyText, LongText, Text, Whole } from './columns.js';

/** One row per Idempotency-Key: written in the transaction that has the effect, with the domain result to replay. */
@Entity('idempotency_keys')
@Index('idx_idempotency_keys_mark', ['uptimeMark'])
export class IdempotencyKey {
  /** SHA-256 of caller, path and key. */
  @KeyText(64) id!: string;
  /** SHA-256 of the parameters. */
  @Text(64) hash!: string;
  /** JSON; null while the second half of an effect with an outgoing call is still under way. */
  @LongText({ nullable: true }) result!: string | null;
  @Instant() createdAt!: number;
  /** The newest mark of uptime at that moment: what says when it may be forgotten. */
  @Whole({ default: 0 }) uptimeMark!: number;
}
