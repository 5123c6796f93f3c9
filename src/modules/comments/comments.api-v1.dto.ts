import { From, Id, Length, Nested, Str } from '../../protocols/fields.js';
import type { Comment } from './comments.service.js';

/** More reviews than this in one request are refused. */
const MAX_COMMENTS = 100;

export class NewCommentDto {
  @Id({ example: 3 })
  product_id!: number;

  /** An empty one is dropped. */
  @Str(0, 500, { example: '很香很甜' })
  comment!: string;
}

export class AddCommentsDto {
  @Nested(NewCommentDto, { max: MAX_COMMENTS })
  comments!: NewCommentDto[];
}

export class ProductCommentsDto {
  @Id({ example: 4 })
  product_id!: number;

  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export class CommentIdDto {
  @Id({ example: 4 })
  comment_id!: number;
}

export function commentView({ id, userId, text }: Comment): object {
  return { user_id: userId, comment: text, comment_id: id };
}
