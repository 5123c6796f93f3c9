import { Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { Permission } from '../../../common/permission.js';
import type { Principal } from '../../../common/principal.js';
import {
  Allow,
  ApiV1,
  CurrentUser,
  Idempotent,
  IdempotencyKey,
  Input,
  RateLimit,
} from '../../../protocols/decorators.js';
import { Doc } from '../../../protocols/doc.js';
import { REFUND_EXAMPLE, RefundDto, RefundView, refundView } from './refunds.api-v1.dto.js';
import { RefundsService } from './refunds.service.js';

@ApiV1('order')
export class RefundsApiV1Controller {
  constructor(private readonly refunds: RefundsService) {}

  @Post('refund')
  @Allow(Permission.Merchant | Permission.Root)
  @RateLimit('refund')
  @Idempotent()
  @Doc<RefundView>({
    zh: '退款 (商家)',
    en: 'Beyond the document: gives back part or all of what was paid for an order, to where it came from.',
    answer: REFUND_EXAMPLE,
    errors: {
      not_found: 'order not found',
      conflict: 'less than that is left of the payment',
      insufficient_balance: 'insufficient balance',
    },
  })
  async refund(
    @CurrentUser() user: Principal,
    @Input() { order_id: orderId, amount, reason }: RefundDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<RefundView> {
    return refundView(await this.refunds.request(ref, user, { orderId, amount, reason }));
  }
}
