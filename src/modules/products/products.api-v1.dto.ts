import { MAX_FEN, type Fen } from '../../common/money.js';
import { From, Id, Int, Length, PictureUrl, Str, Yuan } from '../../protocols/fields.js';
import { toYuan } from '../../protocols/scalars.js';
import type { Product } from './product.js';

const MAX_INT = 2 ** 31 - 1;

export class ProductIdDto {
  @Id({ example: 4 })
  id!: number;
}

export class AddProductDto {
  /** Yuan. */
  @Yuan(1, MAX_FEN, { example: 233 })
  price!: Fen;

  @Str(1, 200, { example: '没过期猪小排100g' })
  title!: string;

  @Str(0, 1000, { example: '过期的猪小排。' })
  description!: string;

  /** Pictures in the slide show. */
  @Int(0, MAX_INT, { default: 0, example: 2 })
  pictureNumber!: number;

  @Int(0, MAX_INT, { default: 0, example: 32 })
  stock!: number;

  @Str(0, 10_000, { example: '新鲜的天的猪小排，哈哈哈哈哈哈' })
  detail!: string;

  /** Pictures beside the detail text. */
  @Int(0, MAX_INT, { default: 0, example: 3 })
  detailPictureNumber!: number;

  /** Beyond the document: a small picture. */
  @PictureUrl({ default: '' })
  icon!: string;
}

/** An omitted field keeps its value. */
export class UpdateProductDto extends ProductIdDto {
  @Yuan(1, MAX_FEN, { optional: true, example: 233 })
  price?: Fen;

  @Str(1, 200, { optional: true, example: '过期猪小排100g' })
  title?: string;

  @Str(0, 1000, { optional: true, example: '过期的猪小排。' })
  description?: string;

  @Int(0, MAX_INT, { optional: true, example: 2 })
  pictureNumber?: number;

  @Int(0, MAX_INT, { optional: true, example: 32 })
  stock?: number;

  @Str(0, 10_000, { optional: true, example: '新鲜的天的猪小排，哈哈哈哈哈哈' })
  detail?: string;

  @Int(0, MAX_INT, { optional: true, example: 3 })
  detailPictureNumber?: number;

  @PictureUrl({ optional: true })
  icon?: string;
}

export class OwnerProductsDto {
  @From()
  from!: number;

  @Length(10)
  length!: number;
}

export class SearchDto {
  @Str(1, 100, { example: '鸡' })
  key!: string;

  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export function productView(product: Product): object {
  return {
    id: product.id,
    price: toYuan(product.price),
    title: product.title,
    description: product.description,
    pictureNumber: product.pictureNumber,
    ownerUserId: product.ownerId,
    stock: product.stock,
    isDrop: !product.listed,
    detail: product.detail,
    detailPictureNumber: product.detailPictureNumber,
  };
}

export const PRODUCT_EXAMPLE = {
  id: 2,
  price: 233,
  title: '过期猪小排100g',
  description: '过期的猪小排。',
  pictureNumber: 2,
  ownerUserId: 2,
  stock: 32,
  isDrop: false,
  detail: '新鲜的天的猪小排，哈哈哈哈哈哈',
  detailPictureNumber: 3,
};
