import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { Cache } from '../../common/cache.js';
import { insertedId } from '../../database/repositories.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import type { ProductCard } from '../products/product.js';
import { TabContents } from './tab-contents.js';
import { Tab } from './tab.entity.js';

/** The list of tabs has no pages. */
const MAX_TABS = 10_000;

/** An absent field stays as it is. */
export interface TabEdit {
  readonly name?: string | undefined;
  readonly products?: readonly number[] | undefined;
}

@Injectable()
export class TabsService {
  private readonly known = new Cache<'all', Tab[]>({ bytes: 1, sizeOf: () => 1 });

  constructor(
    @InjectRepository(Tab) private readonly tabs: Repository<Tab>,
    private readonly transactions: Transactions,
    private readonly contents: TabContents,
    private readonly clock: Clock,
  ) {}

  /** All of them, in id order. */
  listTabs(): Promise<readonly Tab[]> {
    return this.known.get('all', () => this.tabs.find({ order: { id: 'ASC' } }));
  }

  /** The tab's listed products in their order. @throws DomainError `not_found` */
  async listProducts(tabId: number): Promise<ProductCard[]> {
    const cards = await this.contents.list(tabId);
    if (cards.length === 0 && !(await this.tabs.existsBy({ id: tabId }))) throw notFound('tab');
    return cards;
  }

  /** @throws DomainError `invalid` for unknown products, `conflict` beyond 10,000 tabs */
  async addTab(name: string, products: readonly number[]): Promise<number> {
    await this.contents.requireKnown(products);
    return this.transactions.run(async (tx) => {
      if ((await tx.manager.count(Tab)) >= MAX_TABS) throw new DomainError('conflict', `at most ${MAX_TABS} tabs`);
      const now = this.clock.now();
      const id = insertedId(await tx.manager.insert(Tab, { name, createdAt: now, updatedAt: now }));
      await this.contents.replace(tx, id, products);
      this.evictAfterCommit(tx);
      return id;
    });
  }

  /** @throws DomainError `not_found`, `invalid` for unknown products */
  async modifyTab(id: number, { name, products }: TabEdit): Promise<void> {
    if (products) await this.contents.requireKnown(products);
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.manager.update(Tab, { id }, { name, updatedAt: this.clock.now() });
      if (affected === 0) throw notFound('tab');
      if (products) await this.contents.replace(tx, id, products);
      this.evictAfterCommit(tx);
    });
  }

  /** @throws DomainError `not_found` */
  async deleteTab(id: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.manager.delete(Tab, { id });
      if (affected === 0) throw notFound('tab');
      await this.contents.replace(tx, id, []);
      this.evictAfterCommit(tx);
    });
  }

  private evictAfterCommit(tx: Tx): void {
    tx.afterCommit(() => this.known.clear());
  }
}
