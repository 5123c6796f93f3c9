import { MAX_FEN, type Fen } from '../../../common/money.js';
import { Id, Str, Yuan } from '../../../protocols/fields.js';
import { ViewId, ViewOneOf } from '../../../protocols/view-fields.js';
import type { RefundResult } from './refunds.service.js';

export class RefundDto {
  @Id({ example: 1 }) order_id!: number;
  /** Omitted: all that is left. */
  @Yuan(1, MAX_FEN, { optional: true, example: 5.5 }) amount?: Fen;
  @Str(1, 200, { example: '商品缺货' }) reason!: string;
}

export class RefundView {
  @ViewId() refund_id!: number;
  /** `processing`: WeChat has not given its final answer yet. */
  @ViewOneOf('processing', 'succeeded', 'failed') status!: RefundResult['status'];
}

export const REFUND_EXAMPLE: RefundView = { refund_id: 1, status: 'processing' };

export function refundView({ refundId, status }: RefundResult): RefundView {
  return { refund_id: refundId, status };
}
