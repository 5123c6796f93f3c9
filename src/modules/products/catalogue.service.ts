import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { likeLiteral, type SqlValue } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Product } from './product.entity.js';
import { ProductSnapshot } from './product-snapshot.entity.js';
import {
  CARD_FIELDS,
  TEASER_FIELDS,
  type BoughtProduct,
  type CartProduct,
  type ProductCard,
  type ProductDetails,
  type ProductTeaser,
} from './product.js';
import { foldTitle, gramsOfKey } from './title-grams.js';

/** Another feature's choice of products: a SELECT of `product_id` and `position` from its own table. */
export interface Selection {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const PRODUCTS = tableOf(Product);
const SNAPSHOTS = tableOf(ProductSnapshot);
const PRODUCT = PRODUCTS.select(PRODUCTS.without('foldedTitle'), 'p');
const CARD = PRODUCTS.select(CARD_FIELDS, 'p');
const TEASER = PRODUCTS.select(TEASER_FIELDS, 'p');
const BOUGHT = ['title', 'description', 'detail', 'icon', 'pictureNumber', 'detailPictureNumber', 'ownerId'] as const;
const IN_CART = ['price', 'title', 'description', 'ownerId', 'stock', 'listed'] as const;

/** For a statement that joins {@link BoughtProduct}s; a product that is gone has no stock and is not listed. */
export function boughtColumns(snapshots: string, products: string): string {
  return `${SNAPSHOTS.select(BOUGHT, snapshots)}, COALESCE(${products}.stock, 0) AS stock, ${products}.listed`;
}

/** For a statement that joins {@link CartProduct}s. */
export function cartColumns(products: string): string {
  return PRODUCTS.select(IN_CART, products);
}

/** Makes rows with the columns above what their types say, in place. */
export function shelfRows<R extends BoughtProduct | CartProduct>(stored: readonly Stored<R>[]): R[] {
  return PRODUCTS.rows(stored);
}

/** Lists of products and the search. One prepared statement each, because everybody who looks around the mall reads them. */
@Injectable()
export class CatalogueService {
  constructor(private readonly database: Database) {}

  /** Of one merchant or of all, newest first. */
  listListed({ ownerId, page }: { ownerId?: number | undefined; page: Page }): Promise<ProductTeaser[]> {
    return ownerId === undefined
      ? this.readPage(TEASER, 'SELECT id FROM products WHERE listed = 1', [], page)
      : this.readPage(TEASER, 'SELECT id FROM products WHERE owner_id = ? AND listed = 1', [ownerId], page);
  }

  /** One merchant's, unlisted ones too, newest first. */
  listOwned(ownerId: number, page: Page): Promise<ProductDetails[]> {
    return this.readPage(PRODUCT, 'SELECT id FROM products WHERE owner_id = ?', [ownerId], page);
  }

  /** Listed ones whose title contains `key` literally, in any letter case; newest first. `key` is not empty. */
  search(key: string, page: Page): Promise<ProductDetails[]> {
    const folded = foldTitle(key);
    const { grams, exact } = gramsOfKey(folded);
    const more = grams
      .slice(1)
      .map((_, index) => ` JOIN product_grams g${index} ON g${index}.product_id = g.product_id AND g${index}.gram = ?`);
    const literal = exact ? '' : " AND s.folded_title LIKE ? ESCAPE '!'";
    // To SQLite a CROSS JOIN says: the grams first, they are few; to MySQL it is any join.
    return this.readPage(
      PRODUCT,
      `SELECT g.product_id AS id FROM product_grams g${more.join('')} CROSS JOIN products s ON s.id = g.product_id ` +
        `WHERE g.gram = ? AND s.listed = 1${literal}`,
      [...grams.slice(1), grams[0], ...(exact ? [] : [`%${likeLiteral(folded)}%`])],
      page,
    );
  }

  /** The listed ones of a selection, by its positions. */
  listSelected({ sql, params }: Selection): Promise<ProductCard[]> {
    return this.readCards(
      `SELECT ${CARD} FROM (${sql}) chosen JOIN products p ON p.id = chosen.product_id WHERE p.listed = 1 ORDER BY chosen.position`,
      params,
    );
  }

  /** Listed ones beside a selection, oldest first, so that a new product moves none of the earlier pages. */
  listBeside({ sql, params }: Selection, page: Page): Promise<ProductCard[]> {
    return this.readCards(
      `SELECT ${CARD} FROM (SELECT id FROM products WHERE listed = 1 AND id NOT IN (SELECT product_id FROM (${sql}) chosen) ` +
        'ORDER BY id LIMIT ? OFFSET ?) k JOIN products p ON p.id = k.id ORDER BY p.id',
      [...params, page.length, page.from],
    );
  }

  /** `ids` selects product ids; the rows themselves are read for one page only. */
  private async readPage<P extends ProductTeaser | ProductDetails>(
    columns: string,
    ids: string,
    params: readonly SqlValue[],
    { from, length }: Page,
  ): Promise<P[]> {
    const stored = await this.database.read<Stored<P>>(
      `SELECT ${columns} FROM (${ids} ORDER BY id DESC LIMIT ? OFFSET ?) k JOIN products p ON p.id = k.id ORDER BY p.id DESC`,
      [...params, length, from],
    );
    return PRODUCTS.rows(stored);
  }

  private async readCards(sql: string, params: readonly SqlValue[]): Promise<ProductCard[]> {
    return PRODUCTS.rows(await this.database.read<Stored<ProductCard>>(sql, params));
  }
}
