import { Entity, Index } from 'typeorm';
import { Counter, Instant, Small, Text, Whole } from '../../database/columns.js';
import type { Coins } from '../ledger/chart-of-accounts.js';

export const GoldChangeType = { add: 1, take: 2 } as const;

export type GoldChangeType = (typeof GoldChangeType)[keyof typeof GoldChangeType];

/** An applied change of coins: what makes a request id have one effect and an order complete once per direction. */
@Entity('linkv_operations')
@Index('uq_linkv_operations_request', ['appId', 'requestId'], { unique: true })
@Index('uq_linkv_operations_order', ['appId', 'type', 'orderId'], { unique: true })
export class LinkvOperation {
  @Counter() id!: number;
  @Text(64) appId!: string;
  @Text(64) requestId!: string;
  /** SHA-256 of route and parameters: the same request id with another content is refused. */
  @Text(64) contentHash!: string;
  @Text(32) openId!: string;
  @Small() type!: GoldChangeType;
  @Whole() value!: Coins;
  /** Null for a change without an order. */
  @Text(64, { nullable: true }) orderId!: string | null;
  /** What the user paid, in US cents; null without an order. */
  @Whole({ nullable: true }) money!: number | null;
  /** h5, ios or android; empty without an order. */
  @Text(16) platform!: string;
  @Text(255) reason!: string;
  /** What the route returned, and a repeat returns again: the coins left; null where it returns none. */
  @Whole({ nullable: true }) balance!: Coins | null;
  @Instant() createdAt!: number;
}
