import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Text } from '../../../database/columns.js';

/** The inbox: one row per notification of WeChat's that has had its effect, written in the transaction of that effect. */
@Entity('payment_notifications')
@Index('idx_payment_notifications_received', ['receivedAt'])
export class PaymentNotification {
  /** WeChat's id, kept over all its retries. */
  @KeyText(64) id!: string;
  @Text(64) eventType!: string;
  @Text(64) outTradeNo!: string;
  @Instant() receivedAt!: number;
}
