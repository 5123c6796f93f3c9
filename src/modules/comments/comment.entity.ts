import { Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Text } from '../../database/columns.js';

/** A buyer's review of a product. */
@Entity('comments')
@Index('idx_comments_product', ['productId', 'id'])
export class Comment {
  @Counter() id!: number;
  @Ref() productId!: number;
  @Ref() userId!: number;
  /** The order line it reviews; null where reviews need no purchase. */
  @Ref({ nullable: true }) orderItemId!: number | null;
  @Text(500) text!: string;
  @Instant() createdAt!: number;
}
