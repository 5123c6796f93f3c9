import { Injectable } from '@nestjs/common';
import { Cache } from '../../common/cache.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { AccountUsage } from '../users/account-usage.decorator.js';
import { Product } from './product.entity.js';
import { outOfStock, unknownProduct, type ProductDetails, type StockLine } from './product.js';

/** `stock`: pieces of these were taken or given back. `catalogue`: what is sold, or whether, has changed. */
export type ProductChange = (ids: readonly number[], what: 'stock' | 'catalogue') => void;

const MAX_CACHED_PRODUCTS = 10_000;

const PRODUCTS = tableOf(Product);
const SELECT_PRODUCTS = `SELECT ${PRODUCTS.select(PRODUCTS.without('foldedTitle'))} FROM products`;

/** Products by their ids: what they are, what was sold, how many are left. Prepared statements, because every order passes here. */
@Injectable()
export class ProductsService {
  private readonly details = new Cache<number, ProductDetails | null>(MAX_CACHED_PRODUCTS);
  private readonly listeners = new Set<ProductChange>();

  constructor(private readonly database: Database) {}

  /** Calls `listener` on this instance after every committed change. */
  onChange(listener: ProductChange): void {
    this.listeners.add(listener);
  }

  /** For whoever changes products in `tx`. */
  announceAfterCommit(tx: Tx, ids: readonly number[], what: 'stock' | 'catalogue'): void {
    tx.afterCommit(() => {
      for (const id of ids) this.details.evict(id);
      for (const listener of this.listeners) listener(ids, what);
    });
  }

  /** Listed or not; at most a second old. @throws DomainError `not_found` */
  async getProduct(id: number): Promise<ProductDetails> {
    const product = await this.details.get(id, async () => (await this.findMany([id])).get(id) ?? null);
    if (product) return product;
    this.details.evict(id);
    throw unknownProduct();
  }

  /** As committed now, listed or not; unknown ids are absent. */
  async findMany(ids: readonly number[]): Promise<Map<number, ProductDetails>> {
    if (ids.length === 0) return new Map();
    return byId(PRODUCTS.rows(await this.database.read<Stored<ProductDetails>>(selectByIds(ids.length), ids)));
  }

  /** As `tx` sees them, listed or not; unknown ids are absent. Nothing is locked: `takeStock` decides. */
  async readForSale(tx: Tx, ids: readonly number[]): Promise<Map<number, ProductDetails>> {
    if (ids.length === 0) return new Map();
    return byId(PRODUCTS.rows((await tx.execute<Stored<ProductDetails>>(selectByIds(ids.length), ids)).rows));
  }

  /** Those of the ids that are no product. */
  async findUnknown(ids: readonly number[]): Promise<number[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.read<Pick<Product, 'id'>>(
      `SELECT id FROM products WHERE id IN (${placeholders(ids.length)})`,
      ids,
    );
    const known = new Set(rows.map((row) => row.id));
    return ids.filter((id) => !known.has(id));
  }

  /**
   * Takes the pieces of all lines or raises; rows are locked by ascending id, repeated products add up.
   * @throws DomainError `conflict` when a product is unlisted, unknown or has too few pieces
   */
  async takeStock(tx: Tx, lines: readonly StockLine[]): Promise<void> {
    const counts = inIdOrder(lines);
    for (const [id, count] of counts) {
      const { affected } = await tx.execute(
        'UPDATE products SET stock = stock - ? WHERE id = ? AND listed = 1 AND stock >= ?',
        [count, id, count],
      );
      if (affected === 0) throw outOfStock();
    }
    this.announceAfterCommit(tx, [...counts.keys()], 'stock');
  }

  /** Gives the pieces back, to unlisted products too; rows are locked by ascending id. */
  async restock(tx: Tx, lines: readonly StockLine[]): Promise<void> {
    const counts = inIdOrder(lines);
    for (const [id, count] of counts) {
      await tx.execute('UPDATE products SET stock = stock + ? WHERE id = ?', [count, id]);
    }
    this.announceAfterCommit(tx, [...counts.keys()], 'stock');
  }

  /** Whether the merchant has ever offered a product. */
  @AccountUsage()
  async hasOwned(tx: Tx, ownerId: number): Promise<boolean> {
    return tx.manager.existsBy(Product, { ownerId });
  }
}

function selectByIds(count: number): string {
  return `${SELECT_PRODUCTS} WHERE id IN (${placeholders(count)})`;
}

function byId(products: readonly ProductDetails[]): Map<number, ProductDetails> {
  return new Map(products.map((product) => [product.id, product]));
}

function inIdOrder(lines: readonly StockLine[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { productId, count } of [...lines].sort((a, b) => a.productId - b.productId)) {
    counts.set(productId, (counts.get(productId) ?? 0) + count);
  }
  return counts;
}
