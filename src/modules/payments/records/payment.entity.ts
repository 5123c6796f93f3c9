import { Entity, Index } from 'typeorm';
import type { Fen } from '../../../common/money.js';
import { Counter, Flag, Instant, Json, Ref, Small, Text, Whole } from '../../../database/columns.js';
import type { PaymentStatus } from './payment-status.js';

/** What a user may choose to pay with from the wallet. */
export type WalletChannel = 'balance' | 'coupon';

/** The prepay call of an attempt, as it is frozen before the first call and sent again unchanged. */
export interface FrozenPrepay {
  readonly outTradeNo: string;
  readonly description: string;
  readonly total: Fen;
  /** The last moment to pay, in milliseconds. */
  readonly expiresAt: number;
  readonly notifyUrl?: string | undefined;
  /** Absent pays through the mobile app. */
  readonly openid?: string;
}

/** One attempt to collect money, for orders or for a recharge. Amounts in fen. */
@Entity('payments')
@Index('uq_payments_out_trade_no', ['outTradeNo'], { unique: true })
@Index('uq_payments_transaction', ['transactionId'], { unique: true })
@Index('idx_payments_check', ['status', 'nextCheckAt'])
@Index('idx_payments_captured', ['channel', 'capturedAt'])
export class Payment {
  @Counter() id!: number;
  @Text(10) kind!: 'order' | 'recharge';
  @Ref() userId!: number;
  /** `mixed`: coupon and balance. */
  @Text(10) channel!: 'wechat' | WalletChannel | 'mixed';
  @Text(10) status!: PaymentStatus;
  @Whole() amount!: Fen;
  /** What refunds have taken or are about to take. */
  @Whole() reserved!: Fen;
  /** What refunds have really given back. */
  @Whole() refunded!: Fen;
  /** Our number at WeChat, random; null for a payment from the wallet. */
  @Text(32, { nullable: true }) outTradeNo!: string | null;
  /** WeChat's number, once captured. */
  @Text(64, { nullable: true }) transactionId!: string | null;
  @Text(10, { nullable: true }) tradeType!: 'JSAPI' | 'APP' | null;
  @Text(64, { nullable: true }) appId!: string | null;
  /** Who must have paid; null for APP. */
  @Text(128, { nullable: true }) openid!: string | null;
  /** Null for a payment from the wallet. */
  @Json({ nullable: true }) parameters!: FrozenPrepay | null;
  /** It is to be closed at WeChat, whatever its age. */
  @Flag() closing!: boolean;
  /** When WeChat is asked next; null when there is nothing to ask. */
  @Instant({ nullable: true }) nextCheckAt!: number | null;
  /** How often WeChat has been asked: the step of the ladder. */
  @Small() checks!: number;
  /** Until when the user may pay. */
  @Instant({ nullable: true }) expiresAt!: number | null;
  @Instant({ nullable: true }) capturedAt!: number | null;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
