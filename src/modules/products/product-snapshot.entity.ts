import { Entity, Index } from 'typeorm';
import type { Fen } from '../../common/money.js';
import { Counter, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

/** What a product was at one edit; order items point here. Rows are never changed or deleted. */
@Entity('product_snapshots')
@Index('idx_product_snapshots_product', ['productId'])
export class ProductSnapshot {
  @Counter() id!: number;
  @Ref() productId!: number;
  @Ref() ownerId!: number;
  @Whole() price!: Fen;
  @Text(200) title!: string;
  @Text(1000) description!: string;
  @LongText() detail!: string;
  @Text(1024) icon!: string;
  @Small() pictureNumber!: number;
  @Small() detailPictureNumber!: number;
  @Instant() createdAt!: number;
}
