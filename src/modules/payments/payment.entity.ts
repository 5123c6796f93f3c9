import { Entity, Index } from 'typeorm';
import { Counter, Flag, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

/** One attempt to collect money, for orders or for a recharge. Amounts in fen. */
@Entity('payments')
@Index('uq_payments_out_trade_no', ['outTradeNo'], { unique: true })
@Index('uq_payments_transaction', ['transactionId'], { unique: true })
@Index('idx_payments_check', ['status', 'nextCheckAt'])
@Index('idx_payments_captured', ['channel', 'capturedAt'])
export class PaymentRow {
  @Counter()
  id!: number;

  /** `order` or `recharge`. */
  @Text(10)
  kind!: string;

  @Ref('user_id')
  userId!: number;

  /** `wechat`, `balance`, `coupon` or `mixed`. */
  @Text(10)
  channel!: string;

  /** `PaymentStatus`. */
  @Text(10)
  status!: string;

  @Whole()
  amount!: number;

  /** What refunds have taken or are about to take. */
  @Whole()
  reserved!: number;

  /** What refunds have really given back. */
  @Whole()
  refunded!: number;

  /** Our number at WeChat, random; null for a payment from the wallet. */
  @Text(32, { name: 'out_trade_no', nullable: true })
  outTradeNo!: string | null;

  /** WeChat's number, once captured. */
  @Text(64, { name: 'transaction_id', nullable: true })
  transactionId!: string | null;

  /** `JSAPI` or `APP`. */
  @Text(10, { name: 'trade_type', nullable: true })
  tradeType!: string | null;

  @Text(64, { name: 'app_id', nullable: true })
  appId!: string | null;

  /** Who must have paid; null for APP. */
  @Text(128, { nullable: true })
  openid!: string | null;

  /** JSON of the prepay call, frozen before the first call and sent again unchanged. */
  @LongText({ nullable: true })
  parameters!: string | null;

  /** 1 when it is to be closed at WeChat, whatever its age. */
  @Flag()
  closing!: number;

  /** When WeChat is asked next; null when there is nothing to ask. */
  @Instant({ name: 'next_check_at', nullable: true })
  nextCheckAt!: Date | null;

  /** How often WeChat has been asked: the step of the ladder. */
  @Small()
  checks!: number;

  /** Until when the user may pay. */
  @Instant({ name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Instant({ name: 'captured_at', nullable: true })
  capturedAt!: Date | null;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
