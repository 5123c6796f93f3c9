import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { publicPage, type Page } from '../../common/page.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Transactions } from '../../database/transactions.js';
import { OrderReviews } from '../orders/order-reviews.service.js';
import { ProductsService } from '../products/products.service.js';
import { Comment } from './comment.entity.js';

export type CommentDraft = Pick<Comment, 'productId' | 'text'>;
export type ListedComment = Pick<Comment, 'id' | 'userId' | 'text'>;

const COMMENTS = tableOf(Comment);
const OF_PRODUCT = { table: 'comments', alias: 'c', index: 'idx_comments_product', where: 'product_id = ?' };
const SELECT_SHOWN = `SELECT ${COMMENTS.select(['id', 'userId', 'text'], 'c')}`;

@Injectable()
export class CommentsService {
  constructor(
    @InjectRepository(Comment) private readonly comments: Repository<Comment>,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly products: ProductsService,
    private readonly reviews: OrderReviews,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the reviews, all or none; empty ones are dropped. Each uses up an order line of its writer.
   * @throws DomainError `conflict` when a product was not bought, not received or is reviewed already; where reviews need
   *   no purchase, `not_found` for an unknown product
   */
  async add(userId: number, drafts: readonly CommentDraft[]): Promise<void> {
    const written = drafts.filter(({ text }) => text !== '');
    if (written.length === 0) return;
    const productIds = written.map(({ productId }) => productId);
    if (!this.config.reviewsRequirePurchase && (await this.products.findUnknown(productIds)).length > 0) {
      throw notFound('product');
    }
    await this.transactions.run(async (tx) => {
      const lines = await this.reviews.takeLines(tx, userId, productIds);
      if (this.config.reviewsRequirePurchase && lines.includes(null)) {
        throw new DomainError('conflict', 'a product was not received by you, or is reviewed already');
      }
      const createdAt = this.clock.now();
      await tx.manager.insert(
        Comment,
        written.map((draft, index) => ({ ...draft, userId, orderItemId: lines[index], createdAt })),
      );
    });
  }

  /** Newest first. */
  listForProduct(productId: number, page: Page): Promise<ListedComment[]> {
    return publicPage(page, async ({ from, length }) => {
      const sql = `${SELECT_SHOWN} FROM ${this.database.sql.newestPage(OF_PRODUCT)} ORDER BY c.id DESC`;
      return COMMENTS.rows(await this.database.read<Stored<ListedComment>>(sql, [productId, length, from]));
    });
  }

  /** For its author, the product's merchant and root. @throws DomainError `not_found` for everybody else */
  async remove(user: Principal, commentId: number): Promise<void> {
    const comment = await this.comments.findOneBy({ id: commentId });
    if (!comment || !(await this.mayRemove(user, comment))) throw notFound('comment');
    const { affected } = await this.transactions.run((tx) => tx.manager.delete(Comment, { id: commentId }));
    if (affected === 0) throw notFound('comment');
  }

  private async mayRemove(user: Principal, comment: Comment): Promise<boolean> {
    if (comment.userId === user.userId || hasAny(user.permission, Permission.Root)) return true;
    if (!hasAny(user.permission, Permission.Merchant)) return false;
    const products = await this.products.findMany([comment.productId]);
    return products.get(comment.productId)?.ownerId === user.userId;
  }
}
