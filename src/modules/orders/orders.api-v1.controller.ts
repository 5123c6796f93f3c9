import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
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
import { CheckoutService } from './checkout.service.js';
import { OrderActions } from './order-actions.service.js';
import {
  ChangeStatusDto,
  CheckoutView,
  GenerateOrderDto,
  ORDER_EXAMPLE,
  OrderIdDto,
  OrderListDto,
  OrderListView,
  orderView,
  OrderView,
  throwInNumbers,
  toCheckout,
  toFilter,
  toStatusChange,
  TrackingNumbersDto,
} from './orders.api-v1.dto.js';
import { OrdersService } from './orders.service.js';

const NOT_FOUND = 'order not found';

@ApiV1('order')
export class OrdersApiV1Controller {
  constructor(
    private readonly orders: OrdersService,
    private readonly checkout: CheckoutService,
    private readonly actions: OrderActions,
  ) {}

  @Post('generateOrder')
  @RoundTrips(6)
  @Allow()
  @RateLimit('order')
  @Idempotent()
  @Doc<CheckoutView>({
    zh: '结算购物车中的部分商品',
    en: 'Orders products of the cart, one order for each merchant in order of first appearance, all or nothing; `order_id` is beyond the document.',
    answer: { order_id: [1, 2] },
    errors: { conflict: 'a product is not in the cart, not on sale or out of stock' },
  })
  async generateOrder(
    @CurrentUser() user: Principal,
    @Input() input: GenerateOrderDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<CheckoutView> {
    const { orderIds } = await this.checkout.checkOutCart(ref, user.userId, toCheckout(input));
    return { order_id: [...orderIds] };
  }

  @Get('userOrder')
  @RoundTrips(2)
  @Allow()
  @Doc<OrderListView>({
    zh: '查询用户所有订单',
    en: 'Orders the caller placed, newest first; status 0 or absent is all.',
    answer: { orders: [ORDER_EXAMPLE] },
  })
  async userOrder(@CurrentUser() user: Principal, @Input() input: OrderListDto): Promise<OrderListView> {
    return { orders: (await this.orders.listForBuyer(user.userId, toFilter(input), input)).map(orderView) };
  }

  @Get('shopOrder')
  @RoundTrips(2)
  @Allow(Permission.Merchant | Permission.Root)
  @Doc<OrderListView>({
    zh: '查询某个商户的所有订单',
    en: 'Orders placed with the caller as merchant, newest first; status 0 or absent is all.',
    answer: { orders: [ORDER_EXAMPLE] },
  })
  async shopOrder(@CurrentUser() user: Principal, @Input() input: OrderListDto): Promise<OrderListView> {
    return { orders: (await this.orders.listForMerchant(user.userId, toFilter(input), input)).map(orderView) };
  }

  @Get('orderInfo')
  @RoundTrips(2)
  @Allow()
  @Doc<OrderView>({
    zh: '根据订单 ID 查询一个订单信息',
    en: 'One order, for its buyer, its merchant and root.',
    answer: ORDER_EXAMPLE,
    errors: { not_found: NOT_FOUND },
  })
  async orderInfo(@CurrentUser() user: Principal, @Input() input: OrderIdDto): Promise<OrderView> {
    return orderView(await this.orders.getOrder(user, input.order_id));
  }

  @Post('deleteOrder')
  @Allow()
  @RateLimit('change')
  @Doc({
    zh: '删除订单',
    en: 'Hides an order from its buyer; an unpaid one is closed and its goods go back on the shelf.',
    errors: { not_found: NOT_FOUND, conflict: 'the order is awaiting receipt' },
  })
  async deleteOrder(@CurrentUser() user: Principal, @Input() input: OrderIdDto): Promise<void> {
    await this.actions.deleteForBuyer(user, input.order_id);
  }

  @Post('changeStatus')
  @Allow()
  @RateLimit('change')
  @Doc({
    zh: '更新订单状态',
    en: 'Moves an order by its state machine; the optional fields are the merchant’s. A buyer confirms receipt and completes.',
    errors: {
      not_found: NOT_FOUND,
      forbidden: 'only the merchant or a verified payment may do this',
      conflict: 'the order cannot go from status 1 to 4',
    },
  })
  async changeStatus(@CurrentUser() user: Principal, @Input() input: ChangeStatusDto): Promise<void> {
    await this.actions.changeStatus(user, toStatusChange(input)).catch(throwInNumbers);
  }

  @Post('addTrackingNumber')
  @Allow(Permission.Merchant | Permission.Root)
  @Doc({
    zh: '增加订单物流号',
    en: 'Appends tracking numbers, at most 20; duplicates are dropped. For the merchant and root.',
    errors: {
      not_found: NOT_FOUND,
      forbidden: 'only the merchant adds tracking numbers',
      conflict: 'the order is not on its way',
    },
  })
  async addTrackingNumber(@CurrentUser() user: Principal, @Input() input: TrackingNumbersDto): Promise<void> {
    await this.actions.addTrackingNumbers(user, input.order_id, input.tracking_number);
  }

  @Post('cancel')
  @Allow()
  @RateLimit('change')
  @Idempotent()
  @Doc({
    zh: '取消未支付的订单',
    en: 'Beyond the document. Closes an unpaid order, for its buyer, its merchant and root; the goods go back on the shelf.',
    errors: { not_found: NOT_FOUND, conflict: 'the order is not awaiting payment' },
  })
  async cancel(
    @CurrentUser() user: Principal,
    @Input() input: OrderIdDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<void> {
    await this.actions.cancel(ref, user, input.order_id);
  }
}
