import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Cache } from '../../common/cache.js';
import { batched } from '../../database/batched.js';
import { byCount, padded, placeholders } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { CatalogueService, type Selection } from '../products/catalogue.service.js';
import { bytesOf, type ProductCard } from '../products/product.js';
import { ProductsService } from '../products/products.service.js';
import { TabProduct } from './tab-product.entity.js';

const CACHE_BYTES = 16 * 1024 * 1024;
/** Tabs in one statement: each may have a thousand products. */
const MOST_AT_ONCE = 16;

const SELECT_CHOSEN = byCount(
  (count) => `SELECT tab_id AS list, product_id, position FROM tab_products WHERE tab_id IN (${placeholders(count)})`,
);

/** Which products a tab shows, in which order; the home page is tab 0. */
@Injectable()
export class TabContents {
  /** Lists by what was asked for; the products in them are as old as the list. */
  private readonly lists = new Cache<string, ProductCard[]>({
    bytes: CACHE_BYTES,
    repeatedOnly: true,
    sizeOf: (cards) => cards.reduce((sum, card) => sum + bytesOf(card), 0),
    tagsOf: (cards) => cards.map(({ id }) => id),
  });

  private readonly find = batched(
    (tabIds: readonly number[]) => this.catalogue.listSelected(this.selection(...tabIds)),
    MOST_AT_ONCE,
  );

  constructor(
    private readonly products: ProductsService,
    private readonly catalogue: CatalogueService,
  ) {
    products.onChange((ids, what) => {
      if (what === 'catalogue') this.lists.clear();
      else for (const id of ids) this.lists.evictTagged(id);
    });
  }

  /** The listed products of a tab; empty for an unknown one. */
  list(tabId: number): Promise<ProductCard[]> {
    return this.cached(`${tabId}`, async () => (await this.find(tabId)) ?? []);
  }

  /** A list that begins with a tab's products, by a key of the caller's; evicted with what is in it. */
  cached(key: string, load: () => Promise<ProductCard[]>): Promise<ProductCard[]> {
    return this.lists.get(key, load);
  }

  selection(...tabIds: readonly number[]): Selection {
    const asked = padded(tabIds);
    return { sql: SELECT_CHOSEN(asked.length), params: asked };
  }

  /** @throws DomainError `invalid` that lists the ids which are no product */
  async requireKnown(productIds: readonly number[]): Promise<void> {
    const unknown = await this.products.findUnknown(productIds);
    if (unknown.length > 0) throw new DomainError('invalid', `unknown products: ${unknown.slice(0, 10).join(', ')}`);
  }

  /** Repeated ids count once. The caller holds the row that stands for the tab. */
  async replace(tx: Tx, tabId: number, productIds: readonly number[]): Promise<void> {
    await tx.manager.delete(TabProduct, { tabId });
    const rows = [...new Set(productIds)].map((productId, position) => ({ tabId, productId, position }));
    if (rows.length > 0) await tx.manager.insert(TabProduct, rows);
    tx.afterCommit(() => this.lists.clear());
  }
}
