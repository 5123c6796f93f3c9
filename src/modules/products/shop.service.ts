import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { placeholders, type SqlValue } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { unknownProduct, type ProductDraft, type SoldFields } from './product.js';
import { ProductsService } from './products.service.js';
import { foldTitle, gramsOfTitle } from './title-grams.js';

/** An absent field stays as it is. */
export type ProductEdit = { readonly [Field in keyof ProductDraft]?: ProductDraft[Field] | undefined };

const COLUMNS = {
  price: 'price',
  title: 'title',
  description: 'description',
  detail: 'detail',
  icon: 'icon',
  pictureNumber: 'picture_number',
  detailPictureNumber: 'detail_picture_number',
  stock: 'stock',
} as const satisfies Record<keyof ProductDraft, string>;
const FIELDS = Object.keys(COLUMNS) as (keyof ProductDraft)[];
const SOLD_FIELDS = FIELDS.filter((field) => field !== 'stock');

/** What merchants do with their products. Another's product is not found. */
@Injectable()
export class ShopService {
  constructor(
    private readonly transactions: Transactions,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** A listed product; answers its id. */
  async addProduct(ownerId: number, draft: ProductDraft): Promise<number> {
    return this.transactions.run((tx) => this.addProductIn(tx, ownerId, draft));
  }

  async addProductIn(tx: Tx, ownerId: number, draft: ProductDraft): Promise<number> {
    const now = this.clock.now();
    const columns = ['owner_id', 'folded_title', 'listed', 'snapshot_id', 'created_at', 'updated_at'];
    const values = [ownerId, foldTitle(draft.title), 1, 0, now, now, ...FIELDS.map((field) => draft[field])];
    const [id] = await tx.insertMany('products', [...columns, ...FIELDS.map((field) => COLUMNS[field])], [values]);
    await this.takeSnapshot(tx, id);
    await this.insertGrams(tx, id, draft.title);
    this.products.announceAfterCommit(tx, [id], 'catalogue');
    return id;
  }

  /** @throws DomainError `not_found` */
  async updateProduct(ownerId: number, id: number, edit: ProductEdit): Promise<void> {
    await this.transactions.run(async (tx) => {
      const current = await this.lockOwn(tx, ownerId, id);
      const given = FIELDS.filter((field) => edit[field] !== undefined);
      const changes = given.map((field): [string, SqlValue] => [COLUMNS[field], edit[field]!]);
      const { title } = edit;
      const renamed = title !== undefined && title !== current.title;
      if (renamed) changes.push(['folded_title', foldTitle(title)]);
      await this.change(tx, ownerId, id, [...changes, ['updated_at', this.clock.now()]]);
      if (given.some((field) => field !== 'stock' && edit[field] !== current[field])) await this.takeSnapshot(tx, id);
      if (renamed) await this.replaceGrams(tx, id, current.title, title);
    });
  }

  /** Twice is a success. @throws DomainError `not_found` */
  async setListed(ownerId: number, id: number, listed: boolean): Promise<void> {
    await this.transactions.run((tx) => this.change(tx, ownerId, id, [['listed', listed]]));
  }

  private async change(tx: Tx, ownerId: number, id: number, changes: readonly [string, SqlValue][]): Promise<void> {
    const { affected } = await tx.execute(
      `UPDATE products SET ${changes.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ? AND owner_id = ?`,
      [...changes.map(([, value]) => value), id, ownerId],
    );
    if (affected === 0) throw unknownProduct();
    this.products.announceAfterCommit(tx, [id], 'catalogue');
  }

  /** @throws DomainError `not_found` */
  private async lockOwn(tx: Tx, ownerId: number, id: number): Promise<SoldFields> {
    const { rows } = await tx.execute<SoldFields>(
      `SELECT ${SOLD_FIELDS.map((field) => `${COLUMNS[field]} AS ${field}`).join(', ')} FROM products WHERE id = ? AND owner_id = ?${tx.sql.forUpdate}`,
      [id, ownerId],
    );
    if (!rows[0]) throw unknownProduct();
    return rows[0];
  }

  private async takeSnapshot(tx: Tx, id: number): Promise<void> {
    const sold = SOLD_FIELDS.map((field) => COLUMNS[field]).join(', ');
    const { insertId } = await tx.execute(
      `INSERT INTO product_snapshots (product_id, owner_id, created_at, ${sold}) SELECT id, owner_id, updated_at, ${sold} FROM products WHERE id = ?`,
      [id],
    );
    await tx.execute('UPDATE products SET snapshot_id = ? WHERE id = ?', [insertId, id]);
  }

  private async replaceGrams(tx: Tx, id: number, before: string, after: string): Promise<void> {
    const old = gramsOfTitle(foldTitle(before));
    await tx.execute(`DELETE FROM product_grams WHERE product_id = ? AND gram IN (${placeholders(old.length)})`, [
      id,
      ...old,
    ]);
    await this.insertGrams(tx, id, after);
  }

  private async insertGrams(tx: Tx, id: number, title: string): Promise<void> {
    const rows = gramsOfTitle(foldTitle(title)).map((gram) => [gram, id]);
    await tx.insertMany('product_grams', ['gram', 'product_id'], rows);
  }
}
