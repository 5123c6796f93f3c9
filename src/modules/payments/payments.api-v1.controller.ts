import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Idempotent, IdempotencyKey, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { PayDto, PaymentDto, paymentView, payView, RefundDto, refundView } from './payments.api-v1.dto.js';
import { PaymentsService } from './payments.service.js';
import { RefundsService } from './refunds.service.js';

@ApiV1('order')
export class PaymentsApiV1Controller {
  constructor(
    private readonly payments: PaymentsService,
    private readonly refunds: RefundsService,
  ) {}

  @Post('pay')
  @RateLimit('payment')
  @Allow()
  @Idempotent()
  @Doc({
    zh: '支付订单',
    en: 'Beyond the document: pays own unpaid orders. `wechat` answers the fields of wx.requestPayment; with `balance` and `coupon` the orders are paid at once and only payment_id is answered.',
    answer: {
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
      insufficient_balance: 'insufficient balance',
      unavailable: 'WeChat did not answer, please try again',
    },
  })
  async pay(
    @CurrentUser() user: Principal,
    @Input() { order_ids: orderIds, channel }: PayDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<object> {
    return payView(await this.payments.pay(ref, user, { orderIds, channel }));
  }

  @Get('payment')
  @Allow()
  @Doc({
    zh: '查询支付',
    en: 'Beyond the document: the state of an own payment; WeChat is asked while ours is pending.',
    answer: {
      payment_id: 1,
      channel: 'wechat',
      status: 'captured',
      amount: 23.5,
      refunded: 0,
      order_ids: [1, 2],
      pay_time: 1795180000,
    },
    errors: { not_found: 'payment not found' },
  })
  async payment(@CurrentUser() user: Principal, @Input() input: PaymentDto): Promise<object> {
    return paymentView(await this.payments.getPayment(user, input.payment_id));
  }

  @Post('refund')
  @Allow(Permission.Merchant | Permission.Root)
  @Idempotent()
  @Doc({
    zh: '退款 (商家)',
    en: 'Beyond the document: gives back part or all of what was paid for an order, to where it came from.',
    answer: { refund_id: 1, status: 'processing' },
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
  ): Promise<object> {
    return refundView(await this.refunds.request(ref, user, { orderId, amount, reason }));
  }
}
