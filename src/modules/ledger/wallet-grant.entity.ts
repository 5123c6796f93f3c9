import { Entity, Index } from 'typeorm';
import type { Fen } from '../../common/money.js';
import { Instant, KeyRef, Ref, Text, Whole } from '../../database/columns.js';
import type { WalletAsset } from './chart-of-accounts.js';

/** The audit row of a grant: who gave what to whom, when and why. */
@Entity('wallet_grants')
@Index('idx_wallet_grants_user', ['userId'])
export class WalletGrant {
  @KeyRef() transactionId!: number;
  /** The root who granted. */
  @Ref() grantedBy!: number;
  @Ref() userId!: number;
  @Text(8) asset!: WalletAsset;
  @Whole() amount!: Fen;
  @Text(255) reason!: string;
  @Instant() createdAt!: number;
}
