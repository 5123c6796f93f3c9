import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { notFound } from '../../common/domain-error.js';
import { ShortMemory } from '../../common/short-memory.js';
import { Database } from '../../database/database.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import type { ProductCard } from '../products/products.service.js';
import { TabContents } from './tab-contents.js';

export interface Tab {
  readonly id: number;
  readonly name: string;
}

/** An absent field stays as it is. */
export interface TabEdit {
  readonly name?: string | undefined;
  readonly products?: readonly number[] | undefined;
}

@Injectable()
export class TabsService {
  private readonly tabs = new ShortMemory<'all', ReadonlyMap<number, Tab>>(1);

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly contents: TabContents,
    private readonly clock: Clock,
  ) {}

  /** All of them, in id order. */
  async listTabs(): Promise<Tab[]> {
    return [...(await this.remembered()).values()];
  }

  /** The tab's listed products in their order. @throws DomainError `not_found` */
  async listProducts(tabId: number): Promise<ProductCard[]> {
    if (!(await this.remembered()).has(tabId)) throw notFound('tab');
    return this.contents.list(tabId);
  }

  /** @throws DomainError `invalid` for unknown products */
  async addTab(name: string, products: readonly number[]): Promise<number> {
    await this.contents.requireKnown(products);
    return this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const [id] = await tx.insertMany('tabs', ['name', 'created_at', 'updated_at'], [[name, now, now]]);
      await this.contents.replace(tx, id, products);
      this.forgetAfterCommit(tx);
      return id;
    });
  }

  /** @throws DomainError `not_found`, `invalid` for unknown products */
  async modifyTab(tabId: number, { name, products }: TabEdit): Promise<void> {
    if (products) await this.contents.requireKnown(products);
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute('UPDATE tabs SET name = COALESCE(?, name), updated_at = ? WHERE id = ?', [
        name ?? null,
        this.clock.now(),
        tabId,
      ]);
      if (affected === 0) throw notFound('tab');
      if (products) await this.contents.replace(tx, tabId, products);
      this.forgetAfterCommit(tx);
    });
  }

  /** @throws DomainError `not_found` */
  async deleteTab(tabId: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute('DELETE FROM tabs WHERE id = ?', [tabId]);
      if (affected === 0) throw notFound('tab');
      await this.contents.replace(tx, tabId, []);
      this.forgetAfterCommit(tx);
    });
  }

  private remembered(): Promise<ReadonlyMap<number, Tab>> {
    return this.tabs.get('all', async () => {
      const tabs = await this.database.read<Tab>('SELECT id, name FROM tabs ORDER BY id');
      return new Map(tabs.map((tab) => [tab.id, tab]));
    });
  }

  private forgetAfterCommit(tx: Tx): void {
    tx.afterCommit(() => this.tabs.clear());
  }
}
