import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { insertedId } from '../../database/repositories.js';
import { tableOf } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { ProductGram } from './product-gram.entity.js';
import { ProductSnapshot } from './product-snapshot.entity.js';
import { Product } from './product.entity.js';
import { SOLD_FIELDS, unknownProduct, type ProductDraft, type ProductEdit, type SoldFields } from './product.js';
import { ProductsService } from './products.service.js';
import { foldTitle, gramsOfTitle } from './title-grams.js';

const GRAMS = tableOf(ProductGram);

/** What merchants do with their products. Another's product is not found. */
@Injectable()
export class ShopService {
  constructor(
    private readonly transactions: Transactions,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** A listed product; returns its id. */
  async addProduct(ownerId: number, draft: ProductDraft): Promise<number> {
    return this.transactions.run((tx) => this.addProductIn(tx, ownerId, draft));
  }

  async addProductIn(tx: Tx, ownerId: number, draft: ProductDraft): Promise<number> {
    const now = this.clock.now();
    const foldedTitle = foldTitle(draft.title);
    const made = { ownerId, foldedTitle, listed: true, snapshotId: 0, createdAt: now, updatedAt: now };
    const id = insertedId(await tx.manager.insert(Product, { ...draft, ...made }));
    const snapshotId = await this.addSnapshot(tx, { productId: id, ownerId, createdAt: now, ...soldFields(draft) });
    await tx.manager.update(Product, { id }, { snapshotId });
    await this.addGrams(tx, id, draft.title);
    this.products.announceAfterCommit(tx, [id], 'catalogue');
    return id;
  }

  /** @throws DomainError `not_found` */
  async updateProduct(ownerId: number, id: number, edit: ProductEdit): Promise<void> {
    await this.transactions.run(async (tx) => {
      const current = await tx.manager.findOne(Product, { where: { id, ownerId }, lock: tx.rowLock });
      if (!current) throw unknownProduct();
      const now = this.clock.now();
      const sold = soldFields(current, edit);
      const changed = SOLD_FIELDS.some((field) => sold[field] !== current[field]);
      const snapshotId = changed
        ? await this.addSnapshot(tx, { productId: id, ownerId, createdAt: now, ...sold })
        : current.snapshotId;
      const foldedTitle = foldTitle(sold.title);
      await this.change(tx, ownerId, id, { ...edit, foldedTitle, snapshotId, updatedAt: now });
      if (sold.title !== current.title) await this.replaceGrams(tx, id, current.title, sold.title);
    });
  }

  /** Twice is a success. @throws DomainError `not_found` */
  async setListed(ownerId: number, id: number, listed: boolean): Promise<void> {
    await this.transactions.run((tx) => this.change(tx, ownerId, id, { listed }));
  }

  private async change(
    tx: Tx,
    ownerId: number,
    id: number,
    change: ProductEdit & Partial<Pick<Product, 'listed' | 'foldedTitle' | 'snapshotId' | 'updatedAt'>>,
  ): Promise<void> {
    const { affected } = await tx.manager.update(Product, { id, ownerId }, change);
    if (affected === 0) throw unknownProduct();
    this.products.announceAfterCommit(tx, [id], 'catalogue');
  }

  private async addSnapshot(tx: Tx, snapshot: Omit<ProductSnapshot, 'id'>): Promise<number> {
    return insertedId(await tx.manager.insert(ProductSnapshot, snapshot));
  }

  private async replaceGrams(tx: Tx, productId: number, before: string, after: string): Promise<void> {
    await tx.manager.delete(ProductGram, { productId, gram: In(gramsOfTitle(foldTitle(before))) });
    await this.addGrams(tx, productId, after);
  }

  /** Up to 400 rows, too many for TypeORM's way of writing an INSERT. */
  private async addGrams(tx: Tx, productId: number, title: string): Promise<void> {
    const grams = gramsOfTitle(foldTitle(title));
    await tx.insert(
      GRAMS,
      grams.map((gram) => ({ gram, productId })),
    );
  }
}

/** What is sold after the edit. */
function soldFields(product: SoldFields, edit: ProductEdit = {}): SoldFields {
  return Object.fromEntries(SOLD_FIELDS.map((field) => [field, edit[field] ?? product[field]])) as SoldFields;
}
