import { DomainError, notFound } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';

/** What a buyer pays for and is shown; a change of any of these makes a new snapshot. */
export interface SoldFields {
  readonly price: Fen;
  readonly title: string;
  readonly description: string;
  readonly detail: string;
  /** Address of a small picture; empty for none. */
  readonly icon: string;
  readonly pictureNumber: number;
  readonly detailPictureNumber: number;
}

export interface Product extends SoldFields {
  readonly id: number;
  /** The merchant's user id. */
  readonly ownerId: number;
  readonly stock: number;
  readonly listed: boolean;
  readonly snapshotId: number;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A product as lists show it. */
export type ProductCard = Omit<Product, 'detail'>;

export interface ProductSnapshot extends SoldFields {
  readonly id: number;
  readonly productId: number;
  readonly ownerId: number;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** Pieces of a product, at least 1. */
export interface StockLine {
  readonly productId: number;
  readonly count: number;
}

export type ProductDraft = SoldFields & { readonly stock: number };

export const CARD_COLUMNS =
  'p.id, p.owner_id AS ownerId, p.price, p.title, p.description, p.icon, p.picture_number AS pictureNumber, ' +
  'p.detail_picture_number AS detailPictureNumber, p.stock, p.listed, p.snapshot_id AS snapshotId, ' +
  'p.created_at AS createdAt, p.updated_at AS updatedAt';
export const PRODUCT_COLUMNS = `${CARD_COLUMNS}, p.detail`;
export const SNAPSHOT_COLUMNS =
  'id, product_id AS productId, owner_id AS ownerId, price, title, description, detail, icon, ' +
  'picture_number AS pictureNumber, detail_picture_number AS detailPictureNumber, created_at AS createdAt';

/** A row as the columns above read it. */
export type Stored<P extends { listed: boolean }> = Omit<P, 'listed'> & { readonly listed: number };

export function fromRow<P extends ProductCard>(row: Stored<P>): P {
  return { ...row, listed: row.listed === 1 } as unknown as P;
}

export function byId<T extends { readonly id: number }>(items: readonly T[]): Map<number, T> {
  return new Map(items.map((item) => [item.id, item]));
}

export const unknownProduct = (): DomainError => notFound('product');
export const outOfStock = (): DomainError => new DomainError('conflict', 'out of stock');
