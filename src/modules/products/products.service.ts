import { Injectable } from '@nestjs/common';
import { Cache } from '../../common/cache.js';
import { batched } from '../../database/batched.js';
import { Database } from '../../database/database.js';
import { recordHasChanged } from '../../database/errors.js';
import { byCount, padded, paddedParts, placeholders, repeated } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { AccountUsage } from '../users/account-usage.decorator.js';
import { productRows, saleColumns } from './catalogue.service.js';
import { Product } from './product.entity.js';
import {
  bytesOf,
  outOfStock,
  unknownProduct,
  type ProductDetails,
  type ProductForSale,
  type SaleLine,
  type StockLine,
} from './product.js';

/** `stock`: pieces of these were taken or given back. `catalogue`: what is sold, or whether, has changed. */
export type ProductChange = (ids: readonly number[], what: 'stock' | 'catalogue') => void;

const DETAILS_BYTES = 12 * 1024 * 1024;

const PRODUCTS = tableOf(Product);
const SELECT_PRODUCTS = `SELECT ${PRODUCTS.select(PRODUCTS.without('foldedTitle'))} FROM products`;
const SELECT_FOR_SALE = byCount(
  (count) => `SELECT ${saleColumns()} FROM products WHERE id IN (${placeholders(count)})`,
);
/** `listed <> 0`, because `listed = 1` would find and lock the rows by an index that others lock after them. */
const TAKE_STOCK = byCount((count) => {
  const pieces = repeated(' WHEN ? THEN ?', '', count);
  const guards = repeated('(id = ? AND snapshot_id = ? AND stock >= ?)', ' OR ', count);
  return `UPDATE products SET stock = stock - CASE id${pieces} ELSE 0 END WHERE listed <> 0 AND (${guards})`;
});

/**
 * Products by their ids: what they are, what was sold, how many are left.
 * HOT PATH: every order passes here, so statements are prepared ones (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class ProductsService {
  private readonly details = new Cache<number, ProductDetails | null>({
    bytes: DETAILS_BYTES,
    repeatedOnly: true,
    sizeOf: (product) => (product ? bytesOf(product) : 0),
  });
  private readonly find = batched((ids: readonly number[]) => this.findMany(ids));
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
    const product = await this.details.get(id, () => this.find(id));
    if (product) return product;
    this.details.evict(id);
    throw unknownProduct();
  }

  /** As committed now, listed or not; unknown ids are absent. */
  async findMany(ids: readonly number[]): Promise<Map<number, ProductDetails>> {
    const stored: Stored<ProductDetails>[] = [];
    for (const asked of paddedParts(ids))
      stored.push(...(await this.database.read<Stored<ProductDetails>>(selectByIds(asked.length), asked)));
    return byId(PRODUCTS.rows(stored));
  }

  /** As `tx` sees them, listed or not; unknown ids are absent. Nothing is locked: `takeStock` decides. */
  async readForSale(tx: Tx, ids: readonly number[]): Promise<Map<number, ProductForSale>> {
    if (ids.length === 0) return new Map();
    const asked = padded(ids);
    return byId(productRows((await tx.execute<Stored<ProductForSale>>(SELECT_FOR_SALE(asked.length), asked)).rows));
  }

  /** Those of the ids that are no product. */
  async findUnknown(ids: readonly number[]): Promise<number[]> {
    if (ids.length === 0) return [];
    const asked = padded(ids);
    const rows = await this.database.read<Pick<Product, 'id'>>(
      `SELECT id FROM products WHERE id IN (${placeholders(asked.length)})`,
      asked,
    );
    const known = new Set(rows.map((row) => row.id));
    return ids.filter((id) => !known.has(id));
  }

  /**
   * Takes the pieces of all lines or raises; rows are locked by ascending id, repeated products add up. The transaction runs
   * again where a product is not any more what was read: nothing is sold at a price that is gone.
   * @throws DomainError `conflict` when a product is unlisted, unknown or has too few pieces
   */
  async takeStock(tx: Tx, lines: readonly SaleLine[]): Promise<void> {
    const counts = [...inIdOrder(lines)];
    const snapshots = new Map(lines.map(({ productId, snapshotId }) => [productId, snapshotId]));
    const asked = padded(counts);
    const guards = asked.flatMap(([id, count]) => [id, snapshots.get(id)!, count]);
    const { affected } = await tx.execute(TAKE_STOCK(asked.length), [...asked.flat(), ...guards]);
    if (affected !== counts.length) throw await this.stockRefusal(tx, snapshots);
    this.announceAfterCommit(tx, [...snapshots.keys()], 'stock');
  }

  /** Gives the pieces back, to unlisted products too; rows are locked by ascending id. */
  async restock(tx: Tx, lines: readonly StockLine[]): Promise<void> {
    const counts = inIdOrder(lines);
    for (const [id, count] of counts) {
      await tx.execute('UPDATE products SET stock = stock + ? WHERE id = ?', [count, id]);
    }
    this.announceAfterCommit(tx, [...counts.keys()], 'stock');
  }

  private async stockRefusal(tx: Tx, snapshots: ReadonlyMap<number, number>): Promise<Error> {
    const products = [...(await this.readForSale(tx, [...snapshots.keys()])).values()];
    const edited = products.some(({ id, snapshotId }) => snapshotId !== snapshots.get(id));
    return edited ? recordHasChanged('a product was edited while it was bought') : outOfStock();
  }

  /** Whether the merchant has ever offered a product. */
  @AccountUsage()
  async hasOwned(tx: Tx, ownerId: number): Promise<boolean> {
    return tx.manager.existsBy(Product, { ownerId });
  }
}

const selectByIds = byCount((count) => `${SELECT_PRODUCTS} WHERE id IN (${placeholders(count)})`);

function byId<P extends Pick<Product, 'id'>>(products: readonly P[]): Map<number, P> {
  return new Map(products.map((product) => [product.id, product]));
}

function inIdOrder(lines: readonly StockLine[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { productId, count } of [...lines].sort((a, b) => a.productId - b.productId)) {
    counts.set(productId, (counts.get(productId) ?? 0) + count);
  }
  return counts;
}
