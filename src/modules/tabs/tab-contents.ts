import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { ShortMemory } from '../../common/short-memory.js';
import type { Tx } from '../../database/transactions.js';
import { ProductsService, type ProductCard, type Selection } from '../products/products.service.js';

const REMEMBERED_LISTS = 1000;

/** Which products a tab shows, in which order; the home page is tab 0. */
@Injectable()
export class TabContents {
  /** Lists by what was asked for; the products in them are as old as the list. */
  private readonly lists = new ShortMemory<string, ProductCard[]>(REMEMBERED_LISTS);

  constructor(private readonly products: ProductsService) {
    products.onChange((ids, what) => {
      if (what === 'catalogue') this.lists.clear();
      else this.lists.forgetWhere((cards) => cards.some((card) => ids.includes(card.id)));
    });
  }

  /** The listed products of a tab; empty for an unknown one. */
  list(tabId: number): Promise<ProductCard[]> {
    return this.remembered(`${tabId}`, () => this.products.listSelected(this.selection(tabId)));
  }

  remembered(key: string, load: () => Promise<ProductCard[]>): Promise<ProductCard[]> {
    return this.lists.get(key, load);
  }

  selection(tabId: number): Selection {
    return { sql: 'SELECT product_id, position FROM tab_products WHERE tab_id = ?', params: [tabId] };
  }

  /** @throws DomainError `invalid` that names the ids which are no product */
  async requireKnown(productIds: readonly number[]): Promise<void> {
    const unknown = await this.products.findUnknown(productIds);
    if (unknown.length > 0) throw new DomainError('invalid', `unknown products: ${unknown.slice(0, 10).join(', ')}`);
  }

  /** Repeated ids count once. The caller holds the row that stands for the tab. */
  async replace(tx: Tx, tabId: number, productIds: readonly number[]): Promise<void> {
    await tx.execute('DELETE FROM tab_products WHERE tab_id = ?', [tabId]);
    const rows = [...new Set(productIds)].map((productId, position) => [tabId, productId, position]);
    await tx.insertMany('tab_products', ['tab_id', 'product_id', 'position'], rows);
    tx.afterCommit(() => this.lists.clear());
  }
}
