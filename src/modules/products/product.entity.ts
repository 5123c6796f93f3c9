import { Check, Entity, Index } from 'typeorm';
import { Counter, Flag, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

@Entity('products')
@Index('idx_products_owner', ['ownerId', 'id'])
@Index('idx_products_owner_listed', ['ownerId', 'listed', 'id'])
@Index('idx_products_listed', ['listed', 'id'])
@Check('ck_products_price', 'price > 0')
@Check('ck_products_stock', 'stock >= 0')
export class ProductRow {
  @Counter()
  id!: number;

  /** The merchant's user id. */
  @Ref('owner_id')
  ownerId!: number;

  /** Fen, above zero. */
  @Whole()
  price!: number;

  @Text(200)
  title!: string;

  /** The title as `search` compares it. */
  @Text(400, { name: 'folded_title' })
  foldedTitle!: string;

  @Text(1000)
  description!: string;

  @LongText()
  detail!: string;

  /** Address of a small picture; empty for none. */
  @Text(1024)
  icon!: string;

  @Small({ name: 'picture_number' })
  pictureNumber!: number;

  @Small({ name: 'detail_picture_number' })
  detailPictureNumber!: number;

  /** Pieces; wider than what a merchant may set, so that a restock always fits. */
  @Whole()
  stock!: number;

  @Flag()
  listed!: number;

  /** The snapshot of what is sold now. */
  @Ref('snapshot_id')
  snapshotId!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
