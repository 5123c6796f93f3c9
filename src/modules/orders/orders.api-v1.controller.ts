import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Idempotent, IdempotencyKey, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { OrderChanges } from './order-changes.service.js';
import { OrderPlacement } from './order-placement.service.js';
import type { OrderStatus } from './order-status.js';
import {
  ChangeStatusDto,
  GenerateOrderDto,
  OrderIdDto,
  OrderListDto,
  orderView,
  toStatusChange,
  TrackingNumbersDto,
} from './orders.api-v1.dto.js';
import { ORDER_EXAMPLE } from './orders.api-v1.examples.js';
import { OrdersService } from './orders.service.js';

const NOT_FOUND = 'order not found';

@ApiV1('order')
export class OrdersApiV1Controller {
  constructor(
    private readonly orders: OrdersService,
    private readonly placement: OrderPlacement,
    private readonly changes: OrderChanges,
  ) {}

  @Post('generateOrder')
  @Allow()
  @RateLimit('order')
  @Idempotent()
  @Doc({
    zh: '结算购物车中的部分商品',
    en: 'Orders products of the cart, one order for each merchant in order of first appearance, all or nothing; `order_id` is beyond the document.',
    answer: { order_id: [1, 2] },
    errors: { conflict: 'a product is not in the cart, not on sale or out of stock' },
  })
  async generateOrder(
    @CurrentUser() user: Principal,
    @Input() input: GenerateOrderDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<object> {
    const { orderIds } = await this.placement.placeFromCart(ref, user.userId, {
      productIds: input.product_ids,
      freight: input.transportation_price,
      recipient: { name: input.name, phone: input.phone_number, address: input.address },
      message: input.message,
    });
    return { order_id: orderIds };
  }

  @Get('userOrder')
  @Allow()
  @Doc({
    zh: '查询用户所有订单',
    en: 'Orders the caller placed, newest first; status 0 or absent is all.',
    answer: { orders: [ORDER_EXAMPLE] },
  })
  async userOrder(@CurrentUser() user: Principal, @Input() input: OrderListDto): Promise<object> {
    return { orders: (await this.orders.listForBuyer(user.userId, filterOf(input), input)).map(orderView) };
  }

  @Get('shopOrder')
  @Allow(Permission.Merchant | Permission.Root)
  @Doc({
    zh: '查询某个商户的所有订单',
    en: 'Orders placed with the caller as merchant, newest first; status 0 or absent is all.',
    answer: { orders: [ORDER_EXAMPLE] },
  })
  async shopOrder(@CurrentUser() user: Principal, @Input() input: OrderListDto): Promise<object> {
    return { orders: (await this.orders.listForMerchant(user.userId, filterOf(input), input)).map(orderView) };
  }

  @Get('orderInfo')
  @Allow()
  @Doc({
    zh: '根据订单 ID 查询一个订单信息',
    en: 'One order, for its buyer, its merchant and root.',
    answer: ORDER_EXAMPLE,
    errors: { not_found: NOT_FOUND },
  })
  async orderInfo(@CurrentUser() user: Principal, @Input() input: OrderIdDto): Promise<object> {
    return orderView(await this.orders.getOrder(user, input.order_id));
  }

  @Post('deleteOrder')
  @Allow()
  @Doc({
    zh: '删除订单',
    en: 'Hides an order from its buyer; an unpaid one is closed and its goods go back on the shelf.',
    answer: {},
    errors: { not_found: NOT_FOUND, conflict: 'the order is awaiting receipt' },
  })
  async deleteOrder(@CurrentUser() user: Principal, @Input() input: OrderIdDto): Promise<void> {
    await this.changes.deleteForBuyer(user, input.order_id);
  }

  @Post('changeStatus')
  @Allow()
  @Doc({
    zh: '更新订单状态',
    en: 'Moves an order by its state machine; the optional fields are the merchant’s. A buyer confirms receipt and completes.',
    answer: {},
    errors: {
      not_found: NOT_FOUND,
      forbidden: 'only the merchant or a verified payment may do this',
      conflict: 'the order cannot go from status 1 to 4',
    },
  })
  async changeStatus(@CurrentUser() user: Principal, @Input() input: ChangeStatusDto): Promise<void> {
    await this.changes.changeStatus(user, toStatusChange(input));
  }

  @Post('addTrackingNumber')
  @Allow(Permission.Merchant | Permission.Root)
  @Doc({
    zh: '增加订单物流号',
    en: 'Appends tracking numbers, at most 20; duplicates are dropped. For the merchant and root.',
    answer: {},
    errors: {
      not_found: NOT_FOUND,
      forbidden: 'only the merchant adds tracking numbers',
      conflict: 'the order is not on its way',
    },
  })
  async addTrackingNumber(@CurrentUser() user: Principal, @Input() input: TrackingNumbersDto): Promise<void> {
    await this.changes.addTrackingNumbers(user, input.order_id, input.tracking_number);
  }

  @Post('cancel')
  @Allow()
  @Idempotent()
  @Doc({
    zh: '取消未支付的订单',
    en: 'Beyond the document. Closes an unpaid order, for its buyer, its merchant and root; the goods go back on the shelf.',
    answer: {},
    errors: { not_found: NOT_FOUND, conflict: 'the order is not awaiting payment' },
  })
  async cancel(
    @CurrentUser() user: Principal,
    @Input() input: OrderIdDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<void> {
    await this.changes.cancel(ref, user, input.order_id);
  }
}

function filterOf({ status }: OrderListDto): { status?: OrderStatus } {
  return status === 0 ? {} : { status: status as OrderStatus };
}
