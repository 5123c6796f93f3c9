import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import {
  Allow,
  ApiV1,
  CurrentUser,
  IdempotencyKey,
  Idempotent,
  Input,
  RateLimit,
  RoundTrips,
} from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  PAY_EXAMPLE,
  PayDto,
  PAYMENT_EXAMPLE,
  PaymentDto,
  PaymentView,
  paymentView,
  PayView,
  payView,
} from './payments.api-v1.dto.js';
import { PaymentsService } from './payments.service.js';
import { PaymentLookup } from './wechat/payment-lookup.service.js';

@ApiV1('order')
export class PaymentsApiV1Controller {
  constructor(
    private readonly payments: PaymentsService,
    private readonly lookup: PaymentLookup,
  ) {}

  @Post('pay')
  @RoundTrips(11)
  @RateLimit('payment')
  @Allow()
  @Idempotent()
  @Doc<PayView>({
    zh: '支付订单',
    en: 'Beyond the document: pays own unpaid orders. `wechat` answers the fields of wx.requestPayment; with `balance` and `coupon` the orders are paid at once and only payment_id is answered.',
    answer: PAY_EXAMPLE,
    errors: {
      not_found: 'order not found',
      conflict: 'the order is not awaiting payment',
      insufficient_balance: 'insufficient balance',
      unavailable: 'WeChat did not answer, please try again',
    },
  })
  async pay(
    @CurrentUser() user: Principal,
    @Input() { order_ids: orderIds, channel }: PayDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<PayView> {
    return payView(await this.payments.pay(ref, user, { orderIds, channel }));
  }

  @Get('payment')
  @Allow()
  @RateLimit('inquiry')
  @Doc<PaymentView>({
    zh: '查询支付',
    en: 'Beyond the document: the state of an own payment; WeChat is asked while ours is pending.',
    answer: PAYMENT_EXAMPLE,
    errors: { not_found: 'payment not found' },
  })
  async payment(@CurrentUser() user: Principal, @Input() input: PaymentDto): Promise<PaymentView> {
    return paymentView(await this.lookup.get(user, input.payment_id));
  }
}
