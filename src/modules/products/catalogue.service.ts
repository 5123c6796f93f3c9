import { Injectable } from '@nestjs/common';
import { groupBy } from '../../common/group-by.js';
import { publicPage, type Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import type { SqlValue } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Product } from './product.entity.js';
import { ProductSnapshot } from './product-snapshot.entity.js';
import {
  BOUGHT_FIELDS,
  CARD_FIELDS,
  CART_FIELDS,
  SALE_FIELDS,
  TEASER_FIELDS,
  type BoughtProduct,
  type CartProduct,
  type ProductCard,
  type ProductDetails,
  type ProductForSale,
  type ProductTeaser,
} from './product.js';

/** Another feature's lists of products: a SELECT of `list`, `product_id` and `position` from its own table. */
export interface Selection {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const PRODUCTS = tableOf(Product);
const SNAPSHOTS = tableOf(ProductSnapshot);
const PRODUCT = PRODUCTS.select(PRODUCTS.without('foldedTitle'), 'p');
const CARD = PRODUCTS.select(CARD_FIELDS, 'p');
const TEASER = PRODUCTS.select(TEASER_FIELDS, 'p');
const PAGE = { table: 'products', alias: 'p' };

/** A product that is gone has no stock and is not listed. */
function shelfColumns(products: string): string {
  return `COALESCE(${products}.stock, 0) AS stock, ${products}.listed`;
}

/** For a statement that joins {@link BoughtProduct}s. */
export function boughtColumns(snapshots: string, products: string): string {
  return `${SNAPSHOTS.select(BOUGHT_FIELDS, snapshots)}, ${shelfColumns(products)}`;
}

/** As {@link boughtColumns}, each text cut to so many characters as its parameter says, of which there are four. */
export function cutBoughtColumns(snapshots: string, products: string): string {
  const texts = ['title', 'description', 'detail', 'icon'] as const;
  const cut = texts.map((name) => `SUBSTR(${snapshots}.${name}, 1, ?) AS ${name}`);
  const rest = SNAPSHOTS.select(
    BOUGHT_FIELDS.filter((field) => !(texts as readonly string[]).includes(field)),
    snapshots,
  );
  return `${cut.join(', ')}, ${rest}, ${shelfColumns(products)}`;
}

/** For a statement that joins {@link CartProduct}s. */
export function cartColumns(products: string): string {
  return PRODUCTS.select(CART_FIELDS, products);
}

/** For a statement that reads {@link ProductForSale}s. */
export function saleColumns(products?: string): string {
  return PRODUCTS.select(SALE_FIELDS, products);
}

/** Makes rows with the columns above what their types say, in place. */
export function productRows<R extends BoughtProduct | CartProduct | ProductForSale>(stored: readonly Stored<R>[]): R[] {
  return PRODUCTS.rows(stored);
}

/**
 * Lists of products, one prepared statement each: everybody who looks around the mall reads most of them, and the database has to be told
 * the index of all.
 */
@Injectable()
export class CatalogueService {
  constructor(private readonly database: Database) {}

  /** Of one merchant or of all, newest first. */
  listListed({ ownerId, page }: { ownerId?: number | undefined; page: Page }): Promise<ProductTeaser[]> {
    const [index, where, params] =
      ownerId === undefined
        ? ['idx_products_listed', 'listed = 1', []]
        : ['idx_products_owner_listed', 'owner_id = ? AND listed = 1', [ownerId]];
    const rows = this.database.sql.newestPage({ ...PAGE, index, where });
    return publicPage(page, () => this.readPage<ProductTeaser>(TEASER, rows, params, page));
  }

  /** One merchant's, unlisted ones too, newest first. */
  listOwned(ownerId: number, page: Page): Promise<ProductDetails[]> {
    const rows = this.database.sql.newestPage({ ...PAGE, index: 'idx_products_owner', where: 'owner_id = ?' });
    return this.readPage<ProductDetails>(PRODUCT, rows, [ownerId], page);
  }

  /** The listed ones of each list that has some, by their positions. */
  async listSelected({ sql, params }: Selection): Promise<Map<number, ProductCard[]>> {
    const cards = await this.readCards<ProductCard & { readonly list: number }>(
      `SELECT chosen.list, ${CARD} FROM (${sql}) chosen JOIN products p ON p.id = chosen.product_id ` +
        'WHERE p.listed = 1 ORDER BY chosen.list, chosen.position',
      params,
    );
    return groupBy(cards, ({ list }) => list);
  }

  /** Listed ones beside a selection, oldest first, so that a new product moves none of the earlier pages. */
  listBeside({ sql, params }: Selection, page: Page): Promise<ProductCard[]> {
    const { sql: dialect } = this.database;
    const ids =
      `SELECT id FROM products${dialect.byIndex('idx_products_listed')} WHERE listed = 1 ` +
      `AND id NOT IN (SELECT product_id FROM (${sql}) chosen) ORDER BY id`;
    return this.readCards(`SELECT ${CARD} FROM ${dialect.pageOf(ids, 'products', 'p')} ORDER BY p.id`, [
      ...params,
      page.length,
      page.from,
    ]);
  }

  /** `rows` are the products `p` of one page. */
  private async readPage<P extends ProductTeaser | ProductDetails>(
    columns: string,
    rows: string,
    params: readonly SqlValue[],
    { from, length }: Page,
  ): Promise<P[]> {
    const sql = `SELECT ${columns} FROM ${rows} ORDER BY p.id DESC`;
    return PRODUCTS.rows(await this.database.read<Stored<P>>(sql, [...params, length, from]));
  }

  private async readCards<C extends ProductCard>(sql: string, params: readonly SqlValue[]): Promise<C[]> {
    return PRODUCTS.rows(await this.database.read<Stored<C>>(sql, params));
  }
}
