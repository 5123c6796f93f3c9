import { Entity, Index } from 'typeorm';
import { Counter, Instant, Small, Text, Whole } from '../../database/columns.js';

/** An applied change of coins: what makes a request id have one effect and an order complete once per direction. */
@Entity('linkv_operations')
@Index('uq_linkv_operations_request', ['appId', 'requestId'], { unique: true })
@Index('uq_linkv_operations_order', ['appId', 'type', 'orderId'], { unique: true })
export class LinkvOperation {
  @Counter()
  id!: number;

  @Text(64, { name: 'app_id' })
  appId!: string;

  @Text(64, { name: 'request_id' })
  requestId!: string;

  /** SHA-256 of route and parameters: the same request id with another content is refused. */
  @Text(64, { name: 'content_hash' })
  contentHash!: string;

  @Text(32, { name: 'open_id' })
  openId!: string;

  /** 1 added, 2 took. */
  @Small()
  type!: number;

  /** Coins. */
  @Whole()
  value!: number;

  /** Null for a change without an order. */
  @Text(64, { name: 'order_id', nullable: true })
  orderId!: string | null;

  /** What the user paid, in US cents; null without an order. */
  @Whole({ nullable: true })
  money!: number | null;

  /** h5, ios or android; empty without an order. */
  @Text(16)
  platform!: string;

  @Text(255)
  reason!: string;

  /** The stored answer: coins left; null where the route answers none. */
  @Whole({ nullable: true })
  balance!: number | null;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
