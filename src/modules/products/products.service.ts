import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/page.js';
import { ShortMemory } from '../../common/short-memory.js';
import { Database } from '../../database/database.js';
import type { SqlValue } from '../../database/sql.js';
import { likeLiteral, placeholders } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import {
  byId,
  CARD_COLUMNS,
  fromRow,
  outOfStock,
  PRODUCT_COLUMNS,
  SNAPSHOT_COLUMNS,
  unknownProduct,
  type Product,
  type ProductCard,
  type ProductSnapshot,
  type StockLine,
  type Stored,
} from './product.js';
import { foldTitle, gramsOfKey } from './title-grams.js';

export type { Product, ProductCard, ProductSnapshot, StockLine } from './product.js';

/** `stock`: pieces of these were taken or given back. `catalogue`: what is sold, or whether, has changed. */
export type ProductChange = (ids: readonly number[], what: 'stock' | 'catalogue') => void;

/** Another feature's choice of products: a SELECT of `product_id` and `position` from its own table. */
export interface Selection {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const REMEMBERED_PRODUCTS = 10_000;
const REMEMBERED_SNAPSHOTS = 10_000;

/** Reads products and moves their stock; what merchants do to them is in `ShopService`. */
@Injectable()
export class ProductsService {
  private readonly details = new ShortMemory<number, Product | null>(REMEMBERED_PRODUCTS);
  private readonly snapshots = new Map<number, ProductSnapshot>();
  private readonly listeners = new Set<ProductChange>();

  constructor(private readonly database: Database) {}

  /** Calls `listener` on this instance after every committed change. */
  onChange(listener: ProductChange): void {
    this.listeners.add(listener);
  }

  /** For whoever changes products in `tx`. */
  announceAfterCommit(tx: Tx, ids: readonly number[], what: 'stock' | 'catalogue'): void {
    tx.afterCommit(() => {
      for (const id of ids) this.details.forget(id);
      for (const listener of this.listeners) listener(ids, what);
    });
  }

  /** Listed or not; at most a second old. @throws DomainError `not_found` */
  async getProduct(id: number): Promise<Product> {
    const product = await this.details.get(id, async () => (await this.findMany([id])).get(id) ?? null);
    if (product) return product;
    this.details.forget(id);
    throw unknownProduct();
  }

  /** As committed now, listed or not; unknown ids are absent. */
  async findMany(ids: readonly number[]): Promise<Map<number, Product>> {
    if (ids.length === 0) return new Map();
    return byId((await this.database.read<Stored<Product>>(selectByIds(ids.length), ids)).map(fromRow<Product>));
  }

  /** As `tx` sees them, listed or not; unknown ids are absent. Nothing is locked: `takeStock` decides. */
  async readForSale(tx: Tx, ids: readonly number[]): Promise<Map<number, Product>> {
    if (ids.length === 0) return new Map();
    return byId((await tx.execute<Stored<Product>>(selectByIds(ids.length), ids)).rows.map(fromRow<Product>));
  }

  /** Those of the ids that are no product. */
  async findUnknown(ids: readonly number[]): Promise<number[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.read<{ id: number }>(
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

  /** Snapshots never change: those seen lately come from memory. Unknown ids are absent. */
  async findSnapshots(ids: readonly number[]): Promise<Map<number, ProductSnapshot>> {
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => !this.snapshots.has(id));
    const found = new Map<number, ProductSnapshot>();
    if (missing.length > 0) {
      const rows = await this.database.read<ProductSnapshot>(
        `SELECT ${SNAPSHOT_COLUMNS} FROM product_snapshots WHERE id IN (${placeholders(missing.length)})`,
        missing,
      );
      for (const row of rows) found.set(row.id, row);
    }
    for (const id of wanted) {
      const snapshot = found.get(id) ?? this.snapshots.get(id);
      if (snapshot) this.remember(snapshot);
      if (snapshot) found.set(id, snapshot);
    }
    return found;
  }

  /** Newest first. */
  async listListed({ ownerId, page }: { ownerId?: number | undefined; page: Page }): Promise<Product[]> {
    return ownerId === undefined
      ? this.readPage('SELECT id FROM products WHERE listed = 1', [], page)
      : this.readPage('SELECT id FROM products WHERE owner_id = ? AND listed = 1', [ownerId], page);
  }

  /** One merchant's, unlisted ones too, newest first. */
  async listOwned(ownerId: number, page: Page): Promise<Product[]> {
    return this.readPage('SELECT id FROM products WHERE owner_id = ?', [ownerId], page);
  }

  /** Whether the merchant has ever offered a product. */
  async hasOwned(tx: Tx, ownerId: number): Promise<boolean> {
    return (await tx.execute('SELECT 1 FROM products WHERE owner_id = ? LIMIT 1', [ownerId])).rows.length > 0;
  }

  /** Listed ones whose title contains `key` literally, in any letter case; newest first. `key` is not empty. */
  async search(key: string, page: Page): Promise<Product[]> {
    const folded = foldTitle(key);
    const { grams, exact } = gramsOfKey(folded);
    const more = grams
      .slice(1)
      .map((_, index) => ` JOIN product_grams g${index} ON g${index}.product_id = g.product_id AND g${index}.gram = ?`);
    const literal = exact ? '' : " AND s.folded_title LIKE ? ESCAPE '!'";
    // To SQLite a CROSS JOIN says: the grams first, they are few; to MySQL it is any join.
    return this.readPage(
      `SELECT g.product_id AS id FROM product_grams g${more.join('')} CROSS JOIN products s ON s.id = g.product_id ` +
        `WHERE g.gram = ? AND s.listed = 1${literal}`,
      [...grams.slice(1), grams[0], ...(exact ? [] : [`%${likeLiteral(folded)}%`])],
      page,
    );
  }

  /** The listed ones of a selection, by its positions. */
  async listSelected({ sql, params }: Selection): Promise<ProductCard[]> {
    return this.readCards(
      `SELECT ${CARD_COLUMNS} FROM (${sql}) chosen JOIN products p ON p.id = chosen.product_id WHERE p.listed = 1 ORDER BY chosen.position`,
      params,
    );
  }

  /** Listed ones beside a selection, oldest first, so that a new product moves none of the earlier pages. */
  async listBeside({ sql, params }: Selection, page: Page): Promise<ProductCard[]> {
    return this.readCards(
      `SELECT ${CARD_COLUMNS} FROM (SELECT id FROM products WHERE listed = 1 AND id NOT IN (SELECT product_id FROM (${sql}) chosen) ` +
        'ORDER BY id LIMIT ? OFFSET ?) k JOIN products p ON p.id = k.id ORDER BY p.id',
      [...params, page.length, page.from],
    );
  }

  /** `ids` selects product ids; the rows themselves are read for one page only. */
  private async readPage(ids: string, params: readonly SqlValue[], { from, length }: Page): Promise<Product[]> {
    const rows = await this.database.read<Stored<Product>>(
      `SELECT ${PRODUCT_COLUMNS} FROM (${ids} ORDER BY id DESC LIMIT ? OFFSET ?) k JOIN products p ON p.id = k.id ORDER BY p.id DESC`,
      [...params, length, from],
    );
    return rows.map(fromRow<Product>);
  }

  private async readCards(sql: string, params: readonly SqlValue[]): Promise<ProductCard[]> {
    return (await this.database.read<Stored<ProductCard>>(sql, params)).map(fromRow<ProductCard>);
  }

  /** Moves a snapshot to the young end; the oldest leaves. */
  private remember(snapshot: ProductSnapshot): void {
    this.snapshots.delete(snapshot.id);
    this.snapshots.set(snapshot.id, snapshot);
    if (this.snapshots.size > REMEMBERED_SNAPSHOTS) this.snapshots.delete(this.snapshots.keys().next().value as number);
  }
}

function selectByIds(count: number): string {
  return `SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.id IN (${placeholders(count)})`;
}

function inIdOrder(lines: readonly StockLine[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { productId, count } of [...lines].sort((a, b) => a.productId - b.productId)) {
    counts.set(productId, (counts.get(productId) ?? 0) + count);
  }
  return counts;
}
