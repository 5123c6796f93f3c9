import { Entity, Index } from 'typeorm';
import { Counter, Instant, Json, Small, Text } from '../../../database/columns.js';

export type AlertKind =
  /** A genuine message of WeChat's that does not fit what we asked for. */
  | 'mismatch'
  | 'unknown_order'
  | 'prepay_refused'
  | 'refund_refused'
  | 'refund_closed'
  | 'refund_abnormal'
  | 'refund_no_funds'
  | 'external_refund'
  /** Money that nobody's balance covered any more. */
  | 'loss'
  | 'bill';

/** Something about money that a person must look at. The same again only counts up. */
@Entity('payment_alerts')
@Index('uq_payment_alerts_fingerprint', ['fingerprint'], { unique: true })
export class PaymentAlert {
  @Counter() id!: number;
  /** SHA-256 of kind and detail. */
  @Text(64) fingerprint!: string;
  @Text(32) kind!: AlertKind;
  /** out_trade_no or out_refund_no, as far as there is one. */
  @Text(64) subject!: string;
  /** Holds no secret. */
  @Json() detail!: object;
  @Small() count!: number;
  @Instant() createdAt!: number;
}
