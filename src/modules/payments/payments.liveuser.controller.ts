import { Post, Req } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import {
  Allow,
  CurrentUser,
  Idempotent,
  IdempotencyKey,
  Input,
  LiveUser,
  Public,
  Wechat,
} from '../../protocols/decorators.js';
import type { WireRequest } from '../../protocols/dialect.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { NotifyService } from './notify.service.js';
import { PrepayDto, prepayView } from './payments.liveuser.dto.js';
import { PaymentsService } from './payments.service.js';

@LiveUser('Wx')
export class PaymentsLiveuserController {
  constructor(private readonly payments: PaymentsService) {}

  @Post('Prepay')
  @RateLimit('payment')
  @Allow()
  @Idempotent()
  @Doc({
    zh: '预支付',
    en: "Starts the WeChat payment of one or several own orders; without ids of the caller's newest unpaid one.",
    answer: {
      prepay_id: 'wx20112000000000000000000000000001',
      payment_id: 1,
      timeStamp: '1795180000',
      nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
      package: 'prepay_id=wx20112000000000000000000000000001',
      signType: 'RSA',
      paySign: 'oR9d8PuhnIc+YZ8cBHFCwfgpaK9gd7vaRvkYD7rthRAZ…',
    },
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
  ): Promise<object> {
    const wanted = orderIds ?? (orderId === undefined ? null : [orderId]);
    return prepayView(await this.payments.prepay(ref, user, wanted));
  }
}

/** In WeChat's own dialect, because WeChat calls it. */
@Wechat('liveuser/Wx')
export class PostpayLiveuserController {
  constructor(private readonly notify: NotifyService) {}

  @Post('Postpay')
  @Public()
  @Doc({
    zh: '支付回调',
    en: 'Payment and refund notifications of WeChat Pay: verified on the raw bytes, answered 200 with {}, refused with 4xx.',
    answer: {},
  })
  async postpay(@Req() { rawBody, headers }: WireRequest): Promise<object> {
    await this.notify.receive(rawBody, headers);
    return {};
  }
}
