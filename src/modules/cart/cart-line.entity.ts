import { Check, Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Small } from '../../database/columns.js';

/** One product in one user's cart. It reserves no stock. */
@Entity('cart_lines')
@Index('uq_cart_lines_user_product', ['userId', 'productId'], { unique: true })
@Index('idx_cart_lines_user', ['userId', 'id'])
@Check('ck_cart_lines_count', 'count BETWEEN 1 AND 9999')
export class CartLine {
  @Counter() id!: number;
  @Ref() userId!: number;
  @Ref() productId!: number;
  @Small() count!: number;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
