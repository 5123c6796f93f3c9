import { Check, Entity, Index } from 'typeorm';
import type { Fen } from '../../common/money.js';
import { Counter, Flag, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

@Entity('products')
@Index('idx_products_owner', ['ownerId', 'id'])
@Index('idx_products_owner_listed', ['ownerId', 'listed', 'id'])
@Index('idx_products_listed', ['listed', 'id'])
@Check('ck_products_price', 'price > 0')
@Check('ck_products_stock', 'stock >= 0')
export class Product {
  @Counter() id!: number;
  /** The merchant's user id. */
  @Ref() ownerId!: number;
  /** Above zero. */
  @Whole() price!: Fen;
  @Text(200) title!: string;
  /** The title as a search compares it. */
  @Text(400) foldedTitle!: string;
  @Text(1000) description!: string;
  @LongText() detail!: string;
  /** Address of a small picture; empty for none. */
  @Text(1024) icon!: string;
  @Small() pictureNumber!: number;
  @Small() detailPictureNumber!: number;
  /** Pieces; wider than what a merchant may set, so that a restock always fits. */
  @Whole() stock!: number;
  @Flag() listed!: boolean;
  /** The snapshot of what is sold now. */
  @Ref() snapshotId!: number;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
