import { OmitType } from '@nestjs/swagger';
import { MAX_FEN, type Fen } from '../../common/money.js';
import { From, Id, Int, Length, PictureUrl, Str, Yuan } from '../../protocols/fields.js';
import { kept } from '../../protocols/kept.js';
import { toYuan } from '../../protocols/scalars.js';
import { ViewId, ViewInt, ViewYuan } from '../../protocols/view-fields.js';
import type { Product } from './product.entity.js';
import type { ProductCard } from './product.js';

const MAX_INT = 2 ** 31 - 1;

export class ProductIdDto {
  @Id({ example: 4 }) id!: number;
}

export class AddProductDto {
  /** Yuan. */
  @Yuan(1, MAX_FEN, { example: 233 }) price!: Fen;
  @Str(1, 200, { example: '没过期猪小排100g' }) title!: string;
  @Str(0, 1000, { example: '过期的猪小排。' }) description!: string;
  /** Pictures in the slide show. */
  @Int(0, MAX_INT, { optional: true, example: 2 }) pictureNumber = 0;
  @Int(0, MAX_INT, { optional: true, example: 32 }) stock = 0;
  @Str(0, 10_000, { example: '新鲜的天的猪小排，哈哈哈哈哈哈' }) detail!: string;
  /** Pictures beside the detail text. */
  @Int(0, MAX_INT, { optional: true, example: 3 }) detailPictureNumber = 0;
  /** Beyond the document: a small picture. */
  @PictureUrl({ optional: true }) icon = '';
}

/** An omitted field keeps its value. */
export class UpdateProductDto extends ProductIdDto {
  @Yuan(1, MAX_FEN, { optional: true, example: 233 }) price?: Fen;
  @Str(1, 200, { optional: true, example: '过期猪小排100g' }) title?: string;
  @Str(0, 1000, { optional: true, example: '过期的猪小排。' }) description?: string;
  @Int(0, MAX_INT, { optional: true, example: 2 }) pictureNumber?: number;
  @Int(0, MAX_INT, { optional: true, example: 32 }) stock?: number;
  @Str(0, 10_000, { optional: true, example: '新鲜的天的猪小排，哈哈哈哈哈哈' }) detail?: string;
  @Int(0, MAX_INT, { optional: true, example: 3 }) detailPictureNumber?: number;
  @PictureUrl({ optional: true }) icon?: string;
}

export class OwnerProductsDto {
  @From() from = 0;
  @Length() length = 10;
}

export class SearchDto {
  @Str(1, 100, { example: '鸡' }) key!: string;
  @From() from = 0;
  @Length() length = 100;
}

/** A product as lists show it. */
export class ProductCardView {
  @ViewId() id!: number;
  @ViewYuan(0.01) price!: number;
  title!: string;
  description!: string;
  /** Pictures in the slide show. */
  @ViewInt() pictureNumber!: number;
  /** The merchant. */
  @ViewId() ownerUserId!: number;
  @ViewInt() stock!: number;
  /** Whether it is off sale. */
  isDrop!: boolean;
}

/** What carts and tabs show of it. */
export class ProductSummaryView extends OmitType(ProductCardView, ['pictureNumber']) {}

export class ProductView extends ProductCardView {
  detail!: string;
  /** Pictures beside the detail text. */
  @ViewInt() detailPictureNumber!: number;
}

export class ProductListView {
  Products!: ProductView[];
}

export class ProductIdView {
  @ViewId() id!: number;
}

export const PRODUCT_CARD_EXAMPLE: ProductCardView = {
  id: 2,
  price: 233,
  title: '过期猪小排100g',
  description: '过期的猪小排。',
  pictureNumber: 2,
  ownerUserId: 2,
  stock: 32,
  isDrop: false,
};

const { pictureNumber: _, ...summary } = PRODUCT_CARD_EXAMPLE;
export const PRODUCT_SUMMARY_EXAMPLE: ProductSummaryView = summary;

export const PRODUCT_EXAMPLE: ProductView = {
  ...PRODUCT_CARD_EXAMPLE,
  detail: '新鲜的天的猪小排，哈哈哈哈哈哈',
  detailPictureNumber: 3,
};

type SummaryFields = Omit<ProductCard, 'pictureNumber'>;
type ProductFields = ProductCard & Pick<Product, 'detail' | 'detailPictureNumber'>;

export function productCardView(card: ProductCard): ProductCardView {
  return {
    id: card.id,
    price: toYuan(card.price),
    title: card.title,
    description: card.description,
    pictureNumber: card.pictureNumber,
    ownerUserId: card.ownerId,
    stock: card.stock,
    isDrop: !card.listed,
  };
}

export function productSummaryView(product: SummaryFields): ProductSummaryView {
  return {
    id: product.id,
    price: toYuan(product.price),
    title: product.title,
    description: product.description,
    ownerUserId: product.ownerId,
    stock: product.stock,
    isDrop: !product.listed,
  };
}

export function productView(product: ProductFields): ProductView {
  // Not by a spread: V8 puts such copies where only a full collection finds them, and the process grew by 80 MB under load.
  const { detail, detailPictureNumber } = product;
  return Object.assign(productCardView(product), { detail, detailPictureNumber });
}

/** Of one that is remembered. */
export const keptProductView = kept(productView);
