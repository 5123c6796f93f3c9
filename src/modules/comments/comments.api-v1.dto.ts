import { From, Id, Length, Nested, Str } from '../../protocols/fields.js';
import { ViewId } from '../../protocols/view-fields.js';
import type { ListedComment } from './comments.service.js';

/** More reviews than this in one request are refused. */
const MAX_COMMENTS = 100;

export class NewCommentDto {
  @Id({ example: 3 }) product_id!: number;
  /** An empty one is dropped. */
  @Str(0, 500, { example: '很香很甜' }) comment!: string;
}

export class AddCommentsDto {
  @Nested(NewCommentDto, { max: MAX_COMMENTS }) comments!: NewCommentDto[];
}

export class ProductCommentsDto {
  @Id({ example: 4 }) product_id!: number;
  @From() from = 0;
  @Length() length = 100;
}

export class CommentIdDto {
  @Id({ example: 4 }) comment_id!: number;
}

export class CommentView {
  /** Its author. */
  @ViewId() user_id!: number;
  comment!: string;
  /** Beyond the document. */
  @ViewId() comment_id!: number;
}

export class CommentListView {
  comments!: CommentView[];
}

export const COMMENTS_EXAMPLE: CommentListView = {
  comments: [
    { user_id: 4, comment: '哈哈', comment_id: 8 },
    { user_id: 3, comment: '你好', comment_id: 5 },
  ],
};

export function commentView({ id, userId, text }: ListedComment): CommentView {
  return { user_id: userId, comment: text, comment_id: id };
}
