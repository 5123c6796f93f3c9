import { Entity, Index } from 'typeorm';
import { Counter, Instant, LongText, Ref, Small, Text, Whole } from '../../database/columns.js';

/** What a product was at one edit; order items point here. Rows are never changed or deleted. */
@Entity('product_snapshots')
@Index('idx_product_snapshots_product', ['productId'])
export class ProductSnapshotRow {
  @Counter()
  id!: number;

  @Ref('product_id')
  productId!: number;

  @Ref('owner_id')
  ownerId!: number;

  /** Fen. */
  @Whole()
  price!: number;

  @Text(200)
  title!: string;

  @Text(1000)
  description!: string;

  @LongText()
  detail!: string;

  @Text(1024)
  icon!: string;

  @Small({ name: 'picture_number' })
  pictureNumber!: number;

  @Small({ name: 'detail_picture_number' })
  detailPictureNumber!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
