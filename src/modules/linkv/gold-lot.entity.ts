import { Check, Entity, Index } from 'typeorm';
import { Counter, Flag, Instant, Ref, Text, Whole } from '../../database/columns.js';

/** Coins of one credit, which expire together. */
@Entity('gold_lots')
@Index('idx_gold_lots_user', ['openId', 'live', 'expiresAt'])
@Index('idx_gold_lots_expiry', ['live', 'expiresAt'])
@Check('chk_gold_lots_remaining', 'remaining BETWEEN 0 AND value')
export class GoldLot {
  @Counter()
  id!: number;

  @Text(32, { name: 'open_id' })
  openId!: string;

  @Ref('operation_id')
  operationId!: number;

  /** Coins at first. */
  @Whole()
  value!: number;

  /** Coins left. */
  @Whole()
  remaining!: number;

  /** 1 until the coins are spent or booked as expired. */
  @Flag()
  live!: number;

  /** The end of the year 9999 for coins that never expire. */
  @Instant({ name: 'expires_at' })
  expiresAt!: Date;
}
