import { Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Text } from '../../database/columns.js';

/** A buyer's review of a product. */
@Entity('comments')
@Index('idx_comments_product', ['productId', 'id'])
export class CommentRow {
  @Counter()
  id!: number;

  @Ref('product_id')
  productId!: number;

  @Ref('user_id')
  userId!: number;

  /** The order line it reviews; null where reviews need no purchase. */
  @Ref('order_item_id', { nullable: true })
  orderItemId!: number | null;

  @Text(500)
  text!: string;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
