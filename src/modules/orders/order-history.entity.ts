import { Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Small, Text } from '../../database/columns.js';

/** One row for each change of an order's status: who and why. Rows are never changed or deleted. */
@Entity('order_history')
@Index('idx_order_history_order', ['orderId'])
export class OrderHistoryRow {
  @Counter()
  id!: number;

  @Ref('order_id')
  orderId!: number;

  @Small({ name: 'from_status' })
  fromStatus!: number;

  @Small({ name: 'to_status' })
  toStatus!: number;

  /** `buyer`, `merchant`, `root` or `system`. */
  @Text(16, { name: 'actor_kind' })
  actorKind!: string;

  @Ref('actor_id', { nullable: true })
  actorId!: number | null;

  @Text(255)
  reason!: string;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
