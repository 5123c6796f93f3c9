import { Entity, Index } from 'typeorm';
import type { Fen } from '../../common/money.js';
import { Counter, Flag, Ref, Small, Whole } from '../../database/columns.js';

/** One product of an order as it was bought. */
@Entity('order_items')
@Index('idx_order_items_order', ['orderId'])
export class OrderItem {
  @Counter() id!: number;
  @Ref() orderId!: number;
  @Ref() productId!: number;
  @Ref() snapshotId!: number;
  /** Of one piece. */
  @Whole() price!: Fen;
  @Small() count!: number;
  @Flag() reviewed!: boolean;
}
