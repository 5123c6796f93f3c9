import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { isCheckViolation } from '../../database/errors.js';
import { placeholders } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { ProductsService, type Product } from '../products/products.service.js';

export interface CartLine {
  readonly id: number;
  readonly userId: number;
  readonly productId: number;
  readonly count: number;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface FilledLine extends CartLine {
  readonly product: Product;
}

/** The most pieces of one product in a cart. */
export const MAX_COUNT = 9999;

const COLUMNS =
  'id, user_id AS userId, product_id AS productId, count, created_at AS createdAt, updated_at AS updatedAt';
const INSERT = 'INSERT INTO cart_lines (user_id, product_id, count, created_at, updated_at) VALUES (?, ?, ?, ?, ?)';
const KEY = ['user_id', 'product_id'] as const;
const OF_PRODUCT = 'WHERE user_id = ? AND product_id = ?';

/** One line per user and product, in the order they were added. A cart reserves no stock. */
@Injectable()
export class CartService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** The whole cart without a page. */
  async lines(userId: number, page?: Page): Promise<CartLine[]> {
    const limit = page ? ' LIMIT ? OFFSET ?' : '';
    return this.database.read<CartLine>(`SELECT ${COLUMNS} FROM cart_lines WHERE user_id = ? ORDER BY id${limit}`, [
      userId,
      ...(page ? [page.length, page.from] : []),
    ]);
  }

  /** Those of the products that are in the cart, in no particular order; locked when read inside a transaction. */
  async findLines(tx: Tx | null, userId: number, productIds: readonly number[]): Promise<CartLine[]> {
    if (productIds.length === 0) return [];
    const sql = `SELECT ${COLUMNS} FROM cart_lines WHERE user_id = ? AND product_id IN (${placeholders(productIds.length)})`;
    const params = [userId, ...productIds];
    if (!tx) return this.database.read<CartLine>(sql, params);
    return (await tx.execute<CartLine>(`${sql}${tx.sql.forUpdate}`, params)).rows;
  }

  /** One line by its id; another user's is absent. */
  async findLine(userId: number, lineId: number): Promise<CartLine | null> {
    return this.database.readOne<CartLine>(`SELECT ${COLUMNS} FROM cart_lines WHERE id = ? AND user_id = ?`, [
      lineId,
      userId,
    ]);
  }

  async listFilled(userId: number, page?: Page): Promise<FilledLine[]> {
    return this.fill(await this.lines(userId, page));
  }

  /** Those of the products that are in the cart, each once, in the order asked. */
  async listFilledOf(userId: number, productIds: readonly number[]): Promise<FilledLine[]> {
    const lines = new Map((await this.findLines(null, userId, productIds)).map((line) => [line.productId, line]));
    return this.fill([...new Set(productIds)].flatMap((id) => lines.get(id) ?? []));
  }

  /** How many pieces of the product are in the cart; 0 without a line. */
  async count(userId: number, productId: number): Promise<number> {
    const [line] = await this.findLines(null, userId, [productId]);
    return line?.count ?? 0;
  }

  /**
   * One piece more; answers the count.
   * @throws DomainError `not_found` for an unknown product, `conflict` for an unlisted one or beyond 9999
   */
  async add(userId: number, productId: number): Promise<number> {
    await this.requireListed(productId);
    const { sql } = this.database;
    const increment = sql.onConflictCount(KEY, 'count', `updated_at = ${sql.proposed('updated_at')}`);
    const now = this.clock.now();
    try {
      return sql.counted(await this.transactions.write(`${INSERT}${increment}`, [userId, productId, 1, now, now]));
    } catch (error) {
      if (isCheckViolation(error)) throw new DomainError('conflict', `at most ${MAX_COUNT} pieces`);
      throw error;
    }
  }

  /** One piece less, the line goes with its last; answers the count, 0 without a line. */
  async reduce(userId: number, productId: number): Promise<number> {
    return this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        `UPDATE cart_lines SET count = count - 1, updated_at = ? ${OF_PRODUCT} AND count > 1`,
        [this.clock.now(), userId, productId],
      );
      if (affected > 0) return this.countIn(tx, userId, productId);
      await this.removeLines(tx, userId, [productId]);
      return 0;
    });
  }

  /**
   * Makes, changes or (0) removes the line; answers the count. `count` is 0 to 9999.
   * @throws DomainError for a line to be made: `not_found` for an unknown product, `conflict` for an unlisted one
   */
  async setCount(userId: number, productId: number, count: number): Promise<number> {
    if (count === 0) {
      await this.transactions.write(`DELETE FROM cart_lines ${OF_PRODUCT}`, [userId, productId]);
      return 0;
    }
    const now = this.clock.now();
    const change = `UPDATE cart_lines SET count = ?, updated_at = ? ${OF_PRODUCT}`;
    const { affected } = await this.transactions.write(change, [count, now, userId, productId]);
    if (affected > 0) return count;
    await this.requireListed(productId);
    const { sql } = this.database;
    const assignments = `count = ${sql.proposed('count')}, updated_at = ${sql.proposed('updated_at')}`;
    await this.transactions.write(`${INSERT}${sql.onConflict(KEY, assignments)}`, [userId, productId, count, now, now]);
    return count;
  }

  /** Answers how many lines there were. */
  async removeLines(tx: Tx, userId: number, productIds: readonly number[]): Promise<number> {
    if (productIds.length === 0) return 0;
    const { affected } = await tx.execute(
      `DELETE FROM cart_lines WHERE user_id = ? AND product_id IN (${placeholders(productIds.length)})`,
      [userId, ...productIds],
    );
    return affected;
  }

  private async countIn(tx: Tx, userId: number, productId: number): Promise<number> {
    const { rows } = await tx.execute<{ count: number }>(`SELECT count FROM cart_lines ${OF_PRODUCT}`, [
      userId,
      productId,
    ]);
    return rows[0]?.count ?? 0;
  }

  private async requireListed(productId: number): Promise<void> {
    const product = await this.products.getProduct(productId);
    if (!product.listed) throw new DomainError('conflict', 'the product is not on sale');
  }

  private async fill(lines: readonly CartLine[]): Promise<FilledLine[]> {
    const products = await this.products.findMany(lines.map((line) => line.productId));
    return lines.flatMap((line) => {
      const product = products.get(line.productId);
      return product ? [{ ...line, product }] : [];
    });
  }
}
