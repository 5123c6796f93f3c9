import { Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import {
  Allow,
  CurrentUser,
  IdempotencyKey,
  Idempotent,
  Input,
  LiveUser,
  RateLimit,
} from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { PREPAY_EXAMPLE, PrepayDto, PrepayView, prepayView } from './payments.liveuser.dto.js';
import { PaymentsService } from './payments.service.js';

@LiveUser('Wx')
export class PaymentsLiveuserController {
  constructor(private readonly payments: PaymentsService) {}

  @Post('Prepay')
  @RateLimit('payment')
  @Allow()
  @Idempotent()
  @Doc<PrepayView>({
    zh: '预支付',
    en: "Starts the WeChat payment of one or several own orders; without ids of the caller's newest unpaid one.",
    answer: PREPAY_EXAMPLE,
    errors: {
      not_found: 'order not found',
      conflict: 'the order is not awaiting payment',
      unavailable: 'WeChat did not answer, please try again',
    },
  })
  async prepay(
    @CurrentUser() user: Principal,
    @Input() { order_id: orderId, order_ids: orderIds }: PrepayDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<PrepayView> {
    const wanted = orderIds ?? (orderId === undefined ? null : [orderId]);
    return prepayView(await this.payments.prepay(ref, user, wanted));
  }
}
