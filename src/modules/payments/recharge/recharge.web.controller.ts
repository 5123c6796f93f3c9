import { Get, Post, Query } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import type { Principal } from '../../../common/principal.js';
import {
  Allow,
  CurrentUser,
  IdempotencyKey,
  Idempotent,
  Input,
  Public,
  RateLimit,
  Web,
} from '../../../protocols/decorators.js';
import { Doc } from '../../../protocols/doc.js';
import { id } from '../../../protocols/scalars.js';
import { RechargeItems } from './recharge-items.service.js';
import { RechargeService } from './recharge.service.js';
import {
  ITEM_EXAMPLE,
  PAYMENT_ORDER_EXAMPLE,
  PaymentItemDto,
  PaymentItemView,
  paymentItemView,
  PaymentOrderView,
  paymentOrderView,
} from './recharge.web.dto.js';

@Web()
export class RechargeWebController {
  constructor(
    private readonly items: RechargeItems,
    private readonly recharges: RechargeService,
  ) {}

  @Get('payment_items')
  @Public()
  @Doc<PaymentItemView[]>({
    zh: '获取充值商品信息',
    en: 'What balance can be bought with; `charge` is the bonus.',
    answer: [ITEM_EXAMPLE],
  })
  async list(): Promise<PaymentItemView[]> {
    return (await this.items.list()).map(paymentItemView);
  }

  @Post('payment_item/:item_id')
  @Public()
  @Doc<PaymentItemView>({
    zh: '获取充值商品信息',
    en: 'One item. It moves no money.',
    answer: ITEM_EXAMPLE,
    errors: { not_found: 'recharge item not found' },
  })
  async item(@Input() { item_id }: PaymentItemDto): Promise<PaymentItemView> {
    return paymentItemView(await this.items.get(item_id));
  }

  @Post('payment_order')
  @Allow()
  @RateLimit('payment')
  @Idempotent()
  @Doc<PaymentOrderView>({
    zh: '获取充值商品的微信订单',
    en: 'Starts a WeChat payment; when WeChat has captured it, the balance rises by money and charge. `item_id` may stand in query or body.',
    answer: PAYMENT_ORDER_EXAMPLE,
    errors: { not_found: 'recharge item not found', unavailable: 'WeChat is not available' },
  })
  async order(
    @CurrentUser() user: Principal,
    @Input() { item_id }: PaymentItemDto,
    @Query('item_id') inQuery: unknown,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<PaymentOrderView> {
    if (inQuery !== undefined && id.decode(inQuery) !== item_id) {
      throw new DomainError('invalid', 'item_id differs between query and body');
    }
    return paymentOrderView(await this.recharges.createOrder(ref, user.userId, item_id));
  }
}
