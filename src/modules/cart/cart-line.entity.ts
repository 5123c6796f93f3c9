import { Check, Entity, Index } from 'typeorm';
import { Counter, Instant, Ref, Small } from '../../database/columns.js';

/** One product in one user's cart. It reserves no stock. */
@Entity('cart_lines')
@Index('uq_cart_lines_user_product', ['userId', 'productId'], { unique: true })
@Index('idx_cart_lines_user', ['userId', 'id'])
@Check('ck_cart_lines_count', 'count BETWEEN 1 AND 9999')
export class CartLineRow {
  @Counter()
  id!: number;

  @Ref('user_id')
  userId!: number;

  @Ref('product_id')
  productId!: number;

  @Small()
  count!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
