import { Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Text } from '../../database/columns.js';
import type { OrderRole, OrderStatus } from './order-status.js';

/** One row for each change of an order's status: who and why. Rows are never changed or deleted. */
@Entity('order_history')
@Index('idx_order_history_order', ['orderId'])
export class OrderHistory {
  @Counter() id!: number;
  @Ref() orderId!: number;
  @Text(24) fromStatus!: OrderStatus;
  @Text(24) toStatus!: OrderStatus;
  @Text(16) actorKind!: OrderRole;
  /** Null for the system. */
  @Ref({ nullable: true }) actorId!: number | null;
  @Text(255) reason!: string;
  @Instant() createdAt!: number;
}
