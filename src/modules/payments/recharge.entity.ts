import { Entity, Index } from 'typeorm';
import { Counter, Instant, KeyRef, Ref, Text, Whole } from '../../database/columns.js';

/** What a user can buy balance with. Amounts in fen. */
@Entity('recharge_items')
export class RechargeItemRow {
  @Counter()
  id!: number;

  @Text(64)
  name!: string;

  /** What the user pays, all of which becomes balance. */
  @Whole()
  money!: number;

  /** The bonus on top. */
  @Whole()
  charge!: number;

  @Text(500)
  description!: string;

  @Instant({ name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}

/** A recharge payment's item as it was when the payment was made. */
@Entity('recharges')
@Index('idx_recharges_user', ['userId'])
export class RechargeRow {
  @KeyRef('payment_id')
  paymentId!: number;

  @Ref('user_id')
  userId!: number;

  @Ref('item_id')
  itemId!: number;

  @Text(64)
  name!: string;

  @Whole()
  money!: number;

  @Whole()
  charge!: number;
}
