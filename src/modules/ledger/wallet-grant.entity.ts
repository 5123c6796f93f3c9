import { Entity, Index } from 'typeorm';
import { Instant, KeyRef, Ref, Text, Whole } from '../../database/columns.js';

/** The audit row of a grant: who gave what to whom, when and why. */
@Entity('wallet_grants')
@Index('idx_wallet_grants_user', ['userId'])
export class WalletGrant {
  @KeyRef('transaction_id')
  transactionId!: number;

  /** The root who granted. */
  @Ref('granted_by')
  grantedBy!: number;

  @Ref('user_id')
  userId!: number;

  @Text(8)
  asset!: string;

  @Whole()
  amount!: number;

  @Text(255)
  reason!: string;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
