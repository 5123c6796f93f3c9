import { Check, Entity, Index } from 'typeorm';
import { Counter, Flag, Instant, Ref, Text, Whole } from '../../database/columns.js';
import type { Coins } from '../ledger/chart-of-accounts.js';

/** Coins of one credit, which expire together. */
@Entity('gold_lots')
@Index('idx_gold_lots_user', ['openId', 'live', 'expiresAt'])
@Index('idx_gold_lots_expiry', ['live', 'expiresAt'])
@Check('chk_gold_lots_remaining', 'remaining BETWEEN 0 AND value')
export class GoldLot {
  @Counter() id!: number;
  @Text(32) openId!: string;
  @Ref() operationId!: number;
  /** At first. */
  @Whole() value!: Coins;
  @Whole() remaining!: Coins;
  /** Until the coins are spent or booked as expired. */
  @Flag() live!: boolean;
  /** The end of the year 9999 for coins that never expire. */
  @Instant() expiresAt!: number;
}
