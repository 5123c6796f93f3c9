import { Entity, Index } from 'typeorm';
import { Counter, Flag, Ref, Small, Whole } from '../../database/columns.js';

/** One product of an order as it was bought. */
@Entity('order_items')
@Index('idx_order_items_order', ['orderId'])
export class OrderItemRow {
  @Counter()
  id!: number;

  @Ref('order_id')
  orderId!: number;

  @Ref('product_id')
  productId!: number;

  @Ref('snapshot_id')
  snapshotId!: number;

  /** Fen for one piece. */
  @Whole()
  price!: number;

  @Small()
  count!: number;

  @Flag()
  reviewed!: number;
}
