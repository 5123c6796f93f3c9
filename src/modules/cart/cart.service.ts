import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import { Database } from '../../database/database.js';
import { isCheckViolation, recordHasChanged } from '../../database/errors.js';
import { byCount, byDialect, padded, placeholders, type SqlValue } from '../../database/sql.js';
import { tableOf, type SqlPart, type Stored } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { cartColumns, productRows, saleColumns } from '../products/catalogue.service.js';
import type { CartProduct, ProductForSale } from '../products/product.js';
import { ProductsService } from '../products/products.service.js';
import { CartLine } from './cart-line.entity.js';

/** A line with what the cart shows of its product. */
export type FilledLine = CartLine & CartProduct;

/** A line with what is sold. */
export interface LineForSale {
  readonly product: ProductForSale;
  readonly count: number;
}

/** Which line of whose cart. */
export type LineKey = Pick<CartLine, 'userId' | 'productId'>;

export type CartLineForSale = LineForSale & Pick<CartLine, 'userId'>;

/** The most pieces of one product in a cart. */
export const MAX_COUNT = 9999;

const LINES = tableOf(CartLine);
const SELECT = `SELECT ${LINES.select()} FROM cart_lines`;
const INSERT_LISTED =
  `INSERT INTO cart_lines (${LINES.names(['userId', 'productId', 'count', 'createdAt', 'updatedAt'])}) ` +
  'SELECT ?, id, 1, ?, ? FROM products WHERE id = ? AND listed = 1';
const SELECT_FILLED = `SELECT ${LINES.select(undefined, 'l')}, ${cartColumns('p')} FROM cart_lines l JOIN products p ON p.id = l.product_id`;
const KEY = ['user_id', 'product_id'] as const;
const ADD_ONE = byDialect((dialect) => {
  const stamp = `updated_at = ${dialect.excluded('updated_at')}`;
  return `${INSERT_LISTED}${dialect.onConflictIncrement(KEY, 'count', stamp)}`;
});
const LINE = 'user_id = ? AND product_id = ?';
const OF_PRODUCT = `WHERE ${LINE}`;
const REMOVE = `DELETE FROM cart_lines ${OF_PRODUCT}`;
const SELECT_FOR_SALE = byCount((count) => {
  const line = `(l.user_id = ? AND l.product_id = ?)`;
  return (
    `SELECT ${saleColumns('p')}, ${LINES.select(['userId', 'count'], 'l')} FROM cart_lines l JOIN products p ON p.id = l.product_id ` +
    `WHERE ${line}${` OR ${line}`.repeat(count - 1)}`
  );
});
const TAKE_LINES = byCount((count) => {
  const line = `(${LINE} AND count = ?)`;
  return `DELETE FROM cart_lines WHERE ${line}${` OR ${line}`.repeat(count - 1)}`;
});

/**
 * One line per user and product, in the order they were added.
 * HOT PATH: buyers fill carts all day, so statements are prepared ones (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class CartService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** The whole cart. */
  async lines(userId: number): Promise<CartLine[]> {
    const sql = `${SELECT} WHERE user_id = ? ORDER BY id`;
    return LINES.rows(await this.database.read<Stored<CartLine>>(sql, [userId]));
  }

  /** Those of the products that are in the cart, in no particular order. */
  async findLines(userId: number, productIds: readonly number[]): Promise<CartLine[]> {
    if (productIds.length === 0) return [];
    const sql = `${SELECT} WHERE user_id = ? AND product_id IN (${placeholders(productIds.length)})`;
    return LINES.rows(await this.database.read<Stored<CartLine>>(sql, [userId, ...productIds]));
  }

  /** Those of the lines that there are, of any users, as `tx` sees them, in no particular order. Nothing is locked: {@link takeLines} decides. */
  async readForSale(tx: Tx, lines: readonly LineKey[]): Promise<CartLineForSale[]> {
    const asked = padded(lines);
    const { rows } = await tx.execute<Stored<ProductForSale & Pick<CartLine, 'userId' | 'count'>>>(
      SELECT_FOR_SALE(asked.length),
      asked.flatMap(({ userId, productId }) => [userId, productId]),
    );
    return productRows(rows).map((product) => ({ product, userId: product.userId, count: product.count }));
  }

  /** Removes the lines as they were read; where one is not so any more the transaction runs again. */
  async takeLines(tx: Tx, lines: readonly CartLineForSale[]): Promise<void> {
    const asked = padded(lines);
    const { affected } = await tx.execute(
      TAKE_LINES(asked.length),
      asked.flatMap(({ userId, product, count }) => [userId, product.id, count]),
    );
    if (affected !== lines.length) throw recordHasChanged('the cart has changed while it was checked out');
  }

  /** One line by its id; another user's is absent. */
  async findLine(userId: number, lineId: number): Promise<CartLine | null> {
    const stored = await this.database.read<Stored<CartLine>>(`${SELECT} WHERE id = ? AND user_id = ?`, [
      lineId,
      userId,
    ]);
    return LINES.rows(stored)[0] ?? null;
  }

  /** In the order they were added; the whole cart without a page. */
  async listFilled(userId: number, page?: Page): Promise<FilledLine[]> {
    const limit = page ? ' LIMIT ? OFFSET ?' : '';
    const params = [userId, ...(page ? [page.length, page.from] : [])];
    return this.readFilled(`WHERE l.user_id = ? ORDER BY l.id${limit}`, params);
  }

  /** Those of the products that are in the cart, each once, in the order asked. */
  async listFilledOf(userId: number, productIds: readonly number[]): Promise<FilledLine[]> {
    if (productIds.length === 0) return [];
    const which = `WHERE l.user_id = ? AND l.product_id IN (${placeholders(productIds.length)})`;
    const lines = await this.readFilled(which, [userId, ...productIds]);
    const byProduct = new Map(lines.map((line) => [line.productId, line]));
    return [...new Set(productIds)].flatMap((id) => byProduct.get(id) ?? []);
  }

  /** How many pieces of the product are in the cart; 0 without a line. */
  async count(userId: number, productId: number): Promise<number> {
    const [line] = await this.findLines(userId, [productId]);
    return line?.count ?? 0;
  }

  /**
   * One piece more; returns the count.
   * @throws DomainError `not_found` for an unknown product, `conflict` for an unlisted one or beyond 9999
   */
  async add(userId: number, productId: number): Promise<number> {
    const { sql: dialect } = this.database;
    const now = this.clock.now();
    try {
      const params = [userId, now, now, productId];
      const count = dialect.incremented(await this.transactions.write(ADD_ONE(dialect), params));
      if (count !== null) return count;
    } catch (error) {
      if (isCheckViolation(error)) throw new DomainError('conflict', `at most ${MAX_COUNT} pieces`);
      throw error;
    }
    await this.requireListed(productId);
    throw new DomainError('conflict', 'the product is not on sale');
  }

  /** One piece less, the line goes with its last; returns the count, 0 without a line. */
  async reduce(userId: number, productId: number): Promise<number> {
    return this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        `UPDATE cart_lines SET count = count - 1, updated_at = ? ${OF_PRODUCT} AND count > 1`,
        [this.clock.now(), userId, productId],
      );
      if (affected > 0) return this.countIn(tx, userId, productId);
      await tx.execute(REMOVE, [userId, productId]);
      return 0;
    });
  }

  /**
   * Makes, changes or (0) removes the line; returns the count. `count` is 0 to 9999.
   * @throws DomainError for a line to be made: `not_found` for an unknown product, `conflict` for an unlisted one
   */
  async setCount(userId: number, productId: number, count: number): Promise<number> {
    if (count === 0) {
      await this.transactions.write(REMOVE, [userId, productId]);
      return 0;
    }
    const change = LINES.assign({ count, updatedAt: this.clock.now() });
    const { affected } = await this.transactions.write(`UPDATE cart_lines SET ${change.sql} ${OF_PRODUCT}`, [
      ...change.params,
      userId,
      productId,
    ]);
    if (affected > 0) return count;
    await this.requireListed(productId);
    const { sql: dialect } = this.database;
    const { sql, params } = this.insert(userId, productId, count);
    const assignments = `count = ${dialect.excluded('count')}, updated_at = ${dialect.excluded('updated_at')}`;
    await this.transactions.write(`${sql}${dialect.onConflict(KEY, assignments)}`, params);
    return count;
  }

  private insert(userId: number, productId: number, count: number): SqlPart {
    const now = this.clock.now();
    return LINES.insert([{ userId, productId, count, createdAt: now, updatedAt: now }]);
  }

  private async countIn(tx: Tx, userId: number, productId: number): Promise<number> {
    const { rows } = await tx.execute<Pick<CartLine, 'count'>>(`SELECT count FROM cart_lines ${OF_PRODUCT}`, [
      userId,
      productId,
    ]);
    return rows[0]?.count ?? 0;
  }

  private async requireListed(productId: number): Promise<void> {
    const product = await this.products.getProduct(productId);
    if (!product.listed) throw new DomainError('conflict', 'the product is not on sale');
  }

  /** `which` ends the statement. */
  private async readFilled(which: string, params: readonly SqlValue[]): Promise<FilledLine[]> {
    return productRows(await this.database.read<Stored<FilledLine>>(`${SELECT_FILLED} ${which}`, params));
  }
}
