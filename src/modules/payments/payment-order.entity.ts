import { Entity, Index } from 'typeorm';
import { Flag, KeyRef, Ref, Text, Whole } from '../../database/columns.js';

/** One order's share of a payment, in fen. */
@Entity('payment_orders')
@Index('idx_payment_orders_order', ['orderId'])
export class PaymentOrderRow {
  @KeyRef('payment_id')
  paymentId!: number;

  @KeyRef('order_id')
  orderId!: number;

  @Ref('merchant_id')
  merchantId!: number;

  /** The first product, for statements. */
  @Ref('product_id')
  productId!: number;

  /** The first product's title, for statements. */
  @Text(200)
  name!: string;

  @Whole()
  amount!: number;

  /** The part of the amount that a coupon paid. */
  @Whole()
  coupon!: number;

  /** 1 when this money made the order paid; 0 when it came too late and goes back. */
  @Flag()
  applied!: number;

  /** What refunds have taken or are about to take. */
  @Whole()
  reserved!: number;

  /** What refunds have really given back. */
  @Whole()
  refunded!: number;

  /** JSON: in whose name the order closes once the payment is closed at WeChat; null when nobody cancelled it. */
  @Text(300, { nullable: true })
  cancellation!: string | null;
}
