import { Entity, Index } from 'typeorm';
import type { Fen } from '../../common/money.js';
import { Counter, Flag, Instant, Json, Ref, Text, Whole } from '../../database/columns.js';
import type { OrderStatus } from './order-status.js';

/** `mixed`: coupon and balance; `offline`: money received outside the mall, as the merchant says. */
export type PaymentChannel = 'wechat' | 'balance' | 'coupon' | 'mixed' | 'offline';

/** What one buyer bought from one merchant in one checkout. */
@Entity('orders')
@Index('idx_orders_buyer', ['buyerId', 'hiddenFromBuyer', 'id', 'status'])
@Index('idx_orders_merchant', ['merchantId', 'id'])
@Index('idx_orders_merchant_status', ['merchantId', 'status', 'id'])
@Index('idx_orders_status_since', ['status', 'statusSince'])
export class Order {
  @Counter() id!: number;
  /** The same for all orders of one checkout; unique per buyer. */
  @Ref() checkoutId!: number;
  @Ref() buyerId!: number;
  /** The merchant's user id. */
  @Ref() merchantId!: number;
  @Text(24) status!: OrderStatus;
  /** When the present status was entered: what expiry and auto-confirm go by. */
  @Instant() statusSince!: number;
  @Whole() goods!: Fen;
  @Whole() freight!: Fen;
  @Whole() discount!: Fen;
  /** goods + freight - discount. */
  @Whole() total!: Fen;
  /** How it was paid; null until then. */
  @Text(16, { nullable: true }) channel!: PaymentChannel | null;
  /** Title and id of the first item as bought, so that a payment and its ledger lines need no item rows. */
  @Text(200) firstTitle!: string;
  @Ref() firstProductId!: number;
  @Text(64) recipientName!: string;
  @Text(32) recipientPhone!: string;
  @Text(500) recipientAddress!: string;
  /** From the buyer. */
  @Text(500) message!: string;
  /** From the merchant. */
  @Text(500) shopMessage!: string;
  @Json() trackingNumbers!: readonly string[];
  /** The buyer has deleted it: everybody else still sees it. */
  @Flag() hiddenFromBuyer!: boolean;
  @Instant() createdAt!: number;
  @Instant({ nullable: true }) paidAt!: number | null;
  /** Receipt confirmed. */
  @Instant({ nullable: true }) verifiedAt!: number | null;
  @Instant({ nullable: true }) closedAt!: number | null;
  @Instant() updatedAt!: number;
}
