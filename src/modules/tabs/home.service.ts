import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Page } from '../../common/page.js';
import { ShortMemory } from '../../common/short-memory.js';
import { Database } from '../../database/database.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { ProductsService, type ProductCard } from '../products/products.service.js';
import { TabContents } from './tab-contents.js';

const HOME_TAB = 0;
const HOME_PAGE = 1;

@Injectable()
export class HomeService {
  private readonly pictures = new ShortMemory<'home', number>(1);

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly contents: TabContents,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** The recommended products, listed ones only. */
  listRecommended(): Promise<ProductCard[]> {
    return this.contents.list(HOME_TAB);
  }

  /** A page of the recommended products followed by all other listed ones. */
  listPage({ from, length }: Page): Promise<ProductCard[]> {
    return this.contents.remembered(`${HOME_TAB} ${from} ${length}`, async () => {
      const recommended = await this.listRecommended();
      const page = recommended.slice(from, from + length);
      if (page.length === length) return page;
      const rest = { from: Math.max(0, from - recommended.length), length: length - page.length };
      return [...page, ...(await this.products.listBeside(this.contents.selection(HOME_TAB), rest))];
    });
  }

  /** How many pictures the home page shows; 0 until set. */
  countPictures(): Promise<number> {
    return this.pictures.get('home', async () => {
      const row = await this.database.readOne<{ pictureNumber: number }>(
        'SELECT picture_number AS pictureNumber FROM home_pages WHERE id = ?',
        [HOME_PAGE],
      );
      return row?.pictureNumber ?? 0;
    });
  }

  /** @throws DomainError `invalid` for unknown products */
  async recommend(products: readonly number[]): Promise<void> {
    await this.contents.requireKnown(products);
    await this.transactions.run(async (tx) => {
      await this.change(tx, 0, 'updated_at');
      await this.contents.replace(tx, HOME_TAB, products);
    });
  }

  async setPictures(count: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.change(tx, count, 'picture_number');
      tx.afterCommit(() => this.pictures.clear());
    });
  }

  /** Makes or locks the one row; of an existing one only `column` changes. */
  private async change(tx: Tx, pictures: number, column: 'picture_number' | 'updated_at'): Promise<void> {
    await tx.execute(
      `INSERT INTO home_pages (id, picture_number, updated_at) VALUES (?, ?, ?)${tx.sql.onConflict(['id'], `${column} = ${tx.sql.proposed(column)}`)}`,
      [HOME_PAGE, pictures, this.clock.now()],
    );
  }
}
