import { Entity, Index } from 'typeorm';
import type { Fen } from '../../../common/money.js';
import { Counter, Instant, KeyRef, Ref, Text, Whole } from '../../../database/columns.js';

/** What a user can buy balance with. Amounts in fen. */
@Entity('recharge_items')
export class RechargeItem {
  @Counter() id!: number;
  @Text(64) name!: string;
  /** What the user pays, all of which becomes balance. */
  @Whole() money!: Fen;
  /** The bonus on top. */
  @Whole() charge!: Fen;
  @Text(500) description!: string;
  @Instant({ nullable: true }) deletedAt!: number | null;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}

/** A recharge payment's item as it was when the payment was made. */
@Entity('recharges')
@Index('idx_recharges_user', ['userId'])
export class Recharge {
  @KeyRef() paymentId!: number;
  @Ref() userId!: number;
  @Ref() itemId!: number;
  @Text(64) name!: string;
  @Whole() money!: Fen;
  @Whole() charge!: Fen;
}
