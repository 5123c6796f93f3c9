import { Get, Post } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input, Public, RateLimit } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  AddCommentsDto,
  CommentIdDto,
  CommentListView,
  COMMENTS_EXAMPLE,
  commentView,
  ProductCommentsDto,
} from './comments.api-v1.dto.js';
import { CommentsService } from './comments.service.js';

@ApiV1('comment')
export class CommentsApiV1Controller {
  constructor(private readonly comments: CommentsService) {}

  @Post('add')
  @Allow()
  @RateLimit('comment')
  @Doc({
    zh: '发表评价',
    en: 'Reviews received products, once for each order line, all or nothing; empty comments are dropped.',
    errors: { conflict: 'a product was not received by you, or is reviewed already' },
  })
  async add(@CurrentUser() user: Principal, @Input() input: AddCommentsDto): Promise<void> {
    await this.comments.add(
      user.userId,
      input.comments.map(({ product_id: productId, comment: text }) => ({ productId, text })),
    );
  }

  @Get('product')
  @Public()
  @RateLimit('list')
  @Doc<CommentListView>({
    zh: '查看商品评价',
    en: 'Reviews of a product, newest first; `comment_id` is beyond the document.',
    answer: COMMENTS_EXAMPLE,
  })
  async product(@Input() input: ProductCommentsDto): Promise<CommentListView> {
    return { comments: (await this.comments.listForProduct(input.product_id, input)).map(commentView) };
  }

  @Post('delete')
  @Allow()
  @Doc({
    zh: '删除评价',
    en: 'For its author, the merchant of the product and root.',
    errors: { not_found: 'comment not found' },
  })
  async delete(@CurrentUser() user: Principal, @Input() input: CommentIdDto): Promise<void> {
    await this.comments.remove(user, input.comment_id);
  }
}
