import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { publicPage, type Page } from '../../common/page.js';
import { Cache } from '../../common/cache.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { CatalogueService } from '../products/catalogue.service.js';
import type { ProductCard } from '../products/product.js';
import { HomePage } from './home-page.entity.js';
import { TabContents } from './tab-contents.js';

const HOME_TAB = 0;
const HOME_PAGE_ID = 1;

@Injectable()
export class HomeService {
  private readonly pictures = new Cache<'home', number>({ bytes: 1, sizeOf: () => 1 });

  constructor(
    @InjectRepository(HomePage) private readonly pages: Repository<HomePage>,
    private readonly transactions: Transactions,
    private readonly contents: TabContents,
    private readonly catalogue: CatalogueService,
    private readonly clock: Clock,
  ) {}

  /** The recommended products, listed ones only. */
  listRecommended(): Promise<ProductCard[]> {
    return this.contents.list(HOME_TAB);
  }

  /** A page of the recommended products followed by all other listed ones. */
  listPage(page: Page): Promise<ProductCard[]> {
    return publicPage(page, ({ from, length }) =>
      this.contents.cached(`${HOME_TAB} ${from} ${length}`, async () => {
        const recommended = await this.listRecommended();
        const first = recommended.slice(from, from + length);
        if (first.length === length) return first;
        const rest = { from: Math.max(0, from - recommended.length), length: length - first.length };
        return [...first, ...(await this.catalogue.listBeside(this.contents.selection(HOME_TAB), rest))];
      }),
    );
  }

  /** How many pictures the home page shows; 0 until set. */
  countPictures(): Promise<number> {
    return this.pictures.get('home', async () => {
      const page = await this.pages.findOneBy({ id: HOME_PAGE_ID });
      return page?.pictureNumber ?? 0;
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
  private async change(tx: Tx, pictureNumber: number, column: 'picture_number' | 'updated_at'): Promise<void> {
    const page = { id: HOME_PAGE_ID, pictureNumber, updatedAt: this.clock.now() };
    const insert = tx.manager.createQueryBuilder().insert().into(HomePage).values(page);
    await insert.orUpdate([column], ['id']).execute();
  }
}
