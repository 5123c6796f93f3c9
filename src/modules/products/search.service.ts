import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { publicPage, type Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { byCount, likeLiteral, padded, placeholders, type Padded, type SqlValue } from '../../database/sql.js';
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
/** How many titles that hold the gram the first part of a search goes over, about. */
const FIRST_PART = 2000;
/** A part that took longer (milliseconds) is followed by one of half its size, otherwise by one of twice. */
const PART_TIME = 5;

const PRODUCTS = tableOf(Product);
const FOUND = PRODUCTS.select(PRODUCTS.without('foldedTitle'), 'p');
const NEWEST_BELOW = 'SELECT MAX(product_id) AS id FROM product_grams WHERE gram = ? AND product_id < ?';
const WITHIN = ' AND g.product_id BETWEEN ? AND ?';
const SELECT_LISTED = byCount(
  (count) =>
    `SELECT ${FOUND} FROM products p WHERE p.id IN (${placeholders(count)}) AND p.listed = 1 ORDER BY p.id DESC`,
);

/** What a title must hold: grams, the rarest first, and a literal, or none where the grams say all. */
interface Wanted {
  readonly grams: readonly number[];
  readonly literal: readonly string[];
}

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
    return publicPage(page, async () => {
      const folded = foldTitle(key);
      const { grams, exact } = gramsOfKey(folded);
      const wanted = { grams: await this.rarest(grams), literal: exact ? [] : [`%${likeLiteral(folded)}%`] };
      const long = this.database.kind === 'sqlite' && !exact && this.sampleEnds.get(wanted.grams[0]) !== 0;
      return long ? this.findInParts(wanted, page) : this.find(wanted, page);
    });
  }

  private find({ grams: [first, ...more], literal }: Wanted, { from, length }: Page): Promise<ProductDetails[]> {
    const { sql } = this.database;
    const ids = this.idsOf(more.length, literal.length > 0);
    const statement = `SELECT ${FOUND} FROM ${sql.pageOf(ids, 'products', 'p')} ORDER BY p.id DESC`;
    return this.read(statement, [...more, first, ...literal, length, from]);
  }

  /** SQLite blocks the event loop, and common grams may lead through all titles without a hit: between two parts others have their turn. */
  private async findInParts(
    { grams: [first, ...more], literal }: Wanted,
    { from, length }: Page,
  ): Promise<ProductDetails[]> {
    const statement = `${this.idsOf(more.length, literal.length > 0, WITHIN)} LIMIT ?`;
    const found: number[] = [];
    let [below, size] = [Number.MAX_SAFE_INTEGER, 0];
    for (;;) {
      const newest = (await this.database.readOne<{ id: number | null }>(NEWEST_BELOW, [first, below]))?.id;
      if (!newest) break;
      const begun = performance.now();
      size ||= Math.ceil(FIRST_PART * this.idsPerTitle(first, newest));
      below = newest - size + 1;
      const params = [...more, first, below, newest, ...literal, from + length - found.length];
      for (const { id } of await this.database.read<Pick<Product, 'id'>>(statement, params)) found.push(id);
      if (found.length === from + length) break;
      size = performance.now() - begun < PART_TIME ? size * 2 : Math.ceil(size / 2);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (found.length <= from) return [];
    const asked = padded(found.slice(from));
    return this.read(SELECT_LISTED(asked.length), asked);
  }

  /** Among the newest titles that hold the gram; 1 where no sample was taken. */
  private idsPerTitle(gram: number, newest: number): number {
    return Math.max(1, (newest - (this.sampleEnds.get(gram) ?? newest)) / SAMPLE);
  }

  /** The ids of the titles that hold a first gram, `more` besides, below {@link MAX_GRAMS}, and a literal where one is compared. */
  private idsOf(more: number, compared: boolean, within = ''): string {
    const { sql } = this.database;
    const grams = Array.from(
      { length: more },
      (_, index) =>
        `${sql.joinInOrder} product_grams g${index} ON g${index}.gram = ? AND g${index}.product_id = g.product_id `,
    );
    const literal = compared ? " AND s.folded_title LIKE ? ESCAPE '!'" : '';
    return (
      `SELECT g.product_id AS id FROM product_grams g ${grams.join('')}${sql.joinInOrder} products s ON s.id = g.product_id ` +
      `WHERE g.gram = ?${within} AND s.listed = 1${literal} ORDER BY g.product_id DESC`
    );
  }

  private async read(sql: string, params: readonly SqlValue[]): Promise<ProductDetails[]> {
    return PRODUCTS.rows(await this.database.read<Stored<ProductDetails>>(sql, params));
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
