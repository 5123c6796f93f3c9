import { Entity, Index } from 'typeorm';
import type { Fen } from '../../../common/money.js';
import { Flag, Json, KeyRef, Ref, Text, Whole } from '../../../database/columns.js';
import type { Cancellation } from '../../orders/open-payments.js';

/** One order's share of a payment, in fen. */
@Entity('payment_orders')
@Index('idx_payment_orders_order', ['orderId'])
export class PaymentOrder {
  @KeyRef() paymentId!: number;
  @KeyRef() orderId!: number;
  @Ref() merchantId!: number;
  /** The first product, for statements. */
  @Ref() productId!: number;
  /** The first product's title, for statements. */
  @Text(200) name!: string;
  @Whole() amount!: Fen;
  /** The part of the amount that a coupon paid. */
  @Whole() coupon!: Fen;
  /** This money made the order paid; otherwise it came too late and goes back. */
  @Flag() applied!: boolean;
  /** What refunds have taken or are about to take. */
  @Whole() reserved!: Fen;
  /** What refunds have really given back. */
  @Whole() refunded!: Fen;
  /** In whose name the order closes once the payment is closed at WeChat; null when nobody cancelled it. */
  @Json({ length: 300, nullable: true }) cancellation!: Cancellation | null;
}
