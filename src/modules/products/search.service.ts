import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { publicPage, type Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { likeLiteral, padded, type Padded } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Product } from './product.entity.js';
import type { ProductDetails } from './product.js';
import { foldTitle, gramsOfKey } from './title-grams.js';

/** HOT PATH: whoever looks for something looks here (docs/performance.md, "Where the speed lives"). */

/** More grams narrow a search hardly further. */
const MAX_GRAMS = 4;
/** How many of the newest titles that hold a gram are looked at to learn how common it is. */
const SAMPLE = 100;
const MAX_KNOWN_GRAMS = 20_000;
/** Milliseconds; what is outdated costs time, never a result. */
const KNOWN_FOR = 10 * 60_000;

const PRODUCTS = tableOf(Product);
const FOUND = PRODUCTS.select(PRODUCTS.without('foldedTitle'), 'p');

/**
 * Searches titles by their grams (see `title-grams.ts`), beginning with the gram that the fewest titles hold: the other grams and
 * the title itself are compared for those titles alone.
 */
@Injectable()
export class SearchService {
  /** The id of the title with which a gram's sample ends: the lower, the rarer it is; 0 where the sample holds all titles. */
  private readonly sampleEnds = new LRUCache<number, number>({ max: MAX_KNOWN_GRAMS, ttl: KNOWN_FOR });

  constructor(private readonly database: Database) {}

  /** Listed products whose title contains `key` literally, in any letter case; newest first. `key` is not empty. */
  search(key: string, page: Page): Promise<ProductDetails[]> {
    return publicPage(page, async ({ from, length }) => {
      const folded = foldTitle(key);
      const { grams, exact } = gramsOfKey(folded);
      const [first, ...more] = await this.rarest(grams);
      const literal = exact ? [] : [`%${likeLiteral(folded)}%`];
      const params = [...more, first, ...literal, length, from];
      const sql = this.statement(more.length, !exact);
      return PRODUCTS.rows(await this.database.read<Stored<ProductDetails>>(sql, params));
    });
  }

  /** `more` grams besides the first, below {@link MAX_GRAMS}. */
  private statement(more: number, compared: boolean): string {
    const { sql } = this.database;
    const grams = Array.from(
      { length: more },
      (_, index) =>
        `${sql.joinInOrder} product_grams g${index} ON g${index}.gram = ? AND g${index}.product_id = g.product_id `,
    );
    const literal = compared ? " AND s.folded_title LIKE ? ESCAPE '!'" : '';
    const ids =
      `SELECT g.product_id AS id FROM product_grams g ${grams.join('')}${sql.joinInOrder} products s ON s.id = g.product_id ` +
      `WHERE g.gram = ? AND s.listed = 1${literal} ORDER BY g.product_id DESC`;
    return `SELECT ${FOUND} FROM ${sql.pageOf(ids, 'products', 'p')} ORDER BY p.id DESC`;
  }

  /** The rarest first, at most {@link MAX_GRAMS}. */
  private async rarest(grams: readonly number[]): Promise<number[]> {
    if (grams.length < 2) return [...grams];
    const ends = new Map(grams.map((gram) => [gram, this.sampleEnds.get(gram)]));
    const unknown = grams.filter((gram) => ends.get(gram) === undefined);
    for (const [gram, end] of await this.sample(padded(unknown))) {
      ends.set(gram, end);
      this.sampleEnds.set(gram, end);
    }
    return grams.toSorted((a, b) => ends.get(a)! - ends.get(b)!).slice(0, MAX_GRAMS);
  }

  private async sample(grams: Padded<number>): Promise<[gram: number, end: number][]> {
    if (grams.length === 0) return [];
    const end = '(SELECT product_id FROM product_grams WHERE gram = ? ORDER BY product_id DESC LIMIT 1 OFFSET ?)';
    const columns = grams.map((_, index) => `${end} AS g${index}`).join(', ');
    const params = grams.flatMap((gram) => [gram, SAMPLE - 1]);
    const row = await this.database.readOne<Record<string, number | null>>(`SELECT ${columns}`, params);
    return grams.map((gram, index) => [gram, row![`g${index}`] ?? 0]);
  }
}
