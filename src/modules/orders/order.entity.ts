import { Entity, Index } from 'typeorm';
import { Counter, Flag, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

/** What one buyer bought from one merchant in one checkout. Amounts in fen. */
@Entity('orders')
@Index('idx_orders_buyer', ['buyerId', 'hiddenFromBuyer', 'id'])
@Index('idx_orders_buyer_status', ['buyerId', 'hiddenFromBuyer', 'status', 'id'])
@Index('idx_orders_merchant', ['merchantId', 'id'])
@Index('idx_orders_merchant_status', ['merchantId', 'status', 'id'])
@Index('idx_orders_status_since', ['status', 'statusSince'])
export class OrderRow {
  @Counter()
  id!: number;

  /** The same for all orders of one checkout; unique per buyer. */
  @Ref('checkout_id')
  checkoutId!: number;

  @Ref('buyer_id')
  buyerId!: number;

  /** The merchant's user id. */
  @Ref('merchant_id')
  merchantId!: number;

  /** `OrderStatus`. */
  @Small()
  status!: number;

  /** When the present status was entered: what expiry and auto-confirm go by. */
  @Instant({ name: 'status_since' })
  statusSince!: Date;

  @Whole()
  goods!: number;

  @Whole()
  freight!: number;

  @Whole()
  discount!: number;

  /** goods + freight - discount. */
  @Whole()
  total!: number;

  /** How it was paid; null until then. */
  @Text(16, { nullable: true })
  channel!: string | null;

  /** Title and id of the first item as bought, so that a payment and its ledger lines need no item rows. */
  @Text(200, { name: 'first_title' })
  firstTitle!: string;

  @Ref('first_product_id')
  firstProductId!: number;

  @Text(64, { name: 'recipient_name' })
  recipientName!: string;

  @Text(32, { name: 'recipient_phone' })
  recipientPhone!: string;

  @Text(500, { name: 'recipient_address' })
  recipientAddress!: string;

  /** From the buyer. */
  @Text(500)
  message!: string;

  /** From the merchant. */
  @Text(500, { name: 'shop_message' })
  shopMessage!: string;

  /** JSON list of texts. */
  @LongText({ name: 'tracking_numbers' })
  trackingNumbers!: string;

  /** 1 when the buyer has deleted it: everybody else still sees it. */
  @Flag({ name: 'hidden_from_buyer' })
  hiddenFromBuyer!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'paid_at', nullable: true })
  paidAt!: Date | null;

  /** Receipt confirmed. */
  @Instant({ name: 'verified_at', nullable: true })
  verifiedAt!: Date | null;

  @Instant({ name: 'closed_at', nullable: true })
  closedAt!: Date | null;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
