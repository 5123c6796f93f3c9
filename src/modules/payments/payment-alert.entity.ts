import { Entity, Index } from 'typeorm';
import { Counter, Instant, LongText, Small, Text } from '../../database/columns.js';

/** Something about money that a person must look at. The same again only counts up. */
@Entity('payment_alerts')
@Index('uq_payment_alerts_fingerprint', ['fingerprint'], { unique: true })
export class PaymentAlert {
  @Counter()
  id!: number;

  /** SHA-256 of kind and detail. */
  @Text(64)
  fingerprint!: string;

  @Text(32)
  kind!: string;

  /** out_trade_no or out_refund_no, as far as there is one. */
  @Text(64)
  subject!: string;

  /** JSON; holds no secret. */
  @LongText()
  detail!: string;

  @Small()
  count!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
