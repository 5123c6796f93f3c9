import { Entity, Index } from 'typeorm';
import type { Fen } from '../../../common/money.js';
import { Counter, Instant, Json, Ref, Small, Text, Whole } from '../../../database/columns.js';
import type { RefundParameters } from '../../../integrations/wechat/pay.types.js';
import type { RefundStatus } from './payment-status.js';

/** `automatic`: money that came too late; `external`: made at WeChat, not here. */
export type RefundOrigin = 'request' | 'automatic' | 'external';

/** Money on its way back to where it came from. Amounts in fen. */
@Entity('refunds')
@Index('uq_refunds_out_refund_no', ['outRefundNo'], { unique: true })
@Index('idx_refunds_payment', ['paymentId'])
@Index('idx_refunds_check', ['status', 'nextCheckAt'])
@Index('idx_refunds_created', ['createdAt'])
export class Refund {
  @Counter() id!: number;
  @Ref() paymentId!: number;
  /** Null for a recharge, and for a refund made at WeChat over all orders of a payment. */
  @Ref({ nullable: true }) orderId!: number | null;
  @Text(10) origin!: RefundOrigin;
  /** Who asked; null for automatic and external ones. */
  @Ref({ nullable: true }) userId!: number | null;
  @Text(10) status!: RefundStatus;
  @Whole() amount!: Fen;
  /** The part that goes back as coupon. */
  @Whole() coupon!: Fen;
  /** Written before the first call and used for every repeat; null for the wallet. */
  @Text(64, { nullable: true }) outRefundNo!: string | null;
  /** The refund call, frozen. */
  @Json({ nullable: true }) parameters!: RefundParameters | null;
  @Text(255) reason!: string;
  /** The ledger transaction that took the money; a refund that finally fails reverses it. */
  @Ref({ nullable: true }) ledgerId!: number | null;
  @Instant({ nullable: true }) nextCheckAt!: number | null;
  @Small() checks!: number;
  @Instant({ nullable: true }) finishedAt!: number | null;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
