import { DomainError, notFound } from '../../common/domain-error.js';
import type { Product } from './product.entity.js';

/** What a buyer is shown of what he pays for. */
const SHOWN_FIELDS = ['title', 'description', 'detail', 'icon', 'pictureNumber', 'detailPictureNumber'] as const;

/** What a buyer pays for and is shown; a change of any of these makes a new snapshot. */
export const SOLD_FIELDS = ['price', ...SHOWN_FIELDS] as const satisfies readonly (keyof Product)[];

export type SoldFields = Pick<Product, (typeof SOLD_FIELDS)[number]>;
export type ProductDraft = SoldFields & Pick<Product, 'stock'>;
/** An absent field stays as it is. */
export type ProductEdit = { readonly [Field in keyof ProductDraft]?: ProductDraft[Field] | undefined };

/** A product as it is read: the folded title is the search's own. */
export type ProductDetails = Omit<Product, 'foldedTitle'>;

/** A product as tabs and the home page show it. */
export const CARD_FIELDS = [
  'id',
  'price',
  'title',
  'description',
  'pictureNumber',
  'ownerId',
  'stock',
  'listed',
] as const satisfies readonly (keyof Product)[];
export type ProductCard = Pick<Product, (typeof CARD_FIELDS)[number]>;

/** A product as lists of a shop show it. */
export const TEASER_FIELDS = [
  'id',
  'ownerId',
  'price',
  'title',
  'description',
  'icon',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof Product)[];
export type ProductTeaser = Pick<Product, (typeof TEASER_FIELDS)[number]>;

/** What was sold; price and id are the order's. */
export const BOUGHT_FIELDS = [...SHOWN_FIELDS, 'ownerId'] as const satisfies readonly (keyof Product)[];
/** What was sold, beside what the shelf says today. */
export type BoughtProduct = Pick<Product, (typeof BOUGHT_FIELDS)[number] | 'stock' | 'listed'>;

/** What a cart shows of a product; its id is the line's. */
export const CART_FIELDS = [
  'price',
  'title',
  'description',
  'ownerId',
  'stock',
  'listed',
] as const satisfies readonly (keyof Product)[];
export type CartProduct = Pick<Product, (typeof CART_FIELDS)[number]>;

/** Bytes that a product in memory takes with the view and the reply's text that are kept on it, roughly. */
export function bytesOf({ title, description, detail = '' }: ProductCard & { readonly detail?: string }): number {
  return 1500 + 6 * (title.length + description.length + detail.length);
}

/** What a checkout reads of a product. */
export const SALE_FIELDS = [
  'id',
  'ownerId',
  'price',
  'title',
  'stock',
  'listed',
  'snapshotId',
] as const satisfies readonly (keyof Product)[];
export type ProductForSale = Pick<Product, (typeof SALE_FIELDS)[number]>;

/** Pieces of a product, at least 1. */
export interface StockLine {
  readonly productId: number;
  readonly count: number;
}

/** Pieces of a product as a buyer saw it: price and title are those of its snapshot. */
export interface SaleLine extends StockLine {
  readonly snapshotId: number;
}

export const unknownProduct = (): DomainError => notFound('product');
export const outOfStock = (): DomainError => new DomainError('conflict', 'out of stock');
