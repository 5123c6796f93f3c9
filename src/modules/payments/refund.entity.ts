import { Entity, Index } from 'typeorm';
import { Counter, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

/** Money on its way back to where it came from. Amounts in fen. */
@Entity('refunds')
@Index('uq_refunds_out_refund_no', ['outRefundNo'], { unique: true })
@Index('idx_refunds_payment', ['paymentId'])
@Index('idx_refunds_check', ['status', 'nextCheckAt'])
@Index('idx_refunds_created', ['createdAt'])
export class RefundRow {
  @Counter()
  id!: number;

  @Ref('payment_id')
  paymentId!: number;

  /** Null for a recharge, and for a refund made at WeChat over all orders of a payment. */
  @Ref('order_id', { nullable: true })
  orderId!: number | null;

  /** `request`, `automatic` (money that came too late) or `external` (made at WeChat, not here). */
  @Text(10)
  origin!: string;

  /** Who asked; null for automatic and external ones. */
  @Ref('user_id', { nullable: true })
  userId!: number | null;

  /** `RefundStatus`. */
  @Text(10)
  status!: string;

  @Whole()
  amount!: number;

  /** The part that goes back as coupon. */
  @Whole()
  coupon!: number;

  /** Written before the first call and used for every repeat; null for the wallet. */
  @Text(64, { name: 'out_refund_no', nullable: true })
  outRefundNo!: string | null;

  /** JSON of the refund call, frozen. */
  @LongText({ nullable: true })
  parameters!: string | null;

  @Text(255)
  reason!: string;

  /** The ledger transaction that took the money; a refund that finally fails reverses it. */
  @Ref('ledger_id', { nullable: true })
  ledgerId!: number | null;

  @Instant({ name: 'next_check_at', nullable: true })
  nextCheckAt!: Date | null;

  @Small()
  checks!: number;

  @Instant({ name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
