import { Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { fen } from '../../common/money.js';
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
import { CheckoutService } from './checkout.service.js';
import {
  CreateOrderDto,
  ListOrdersDto,
  OrderRecordListView,
  ORDER_EXAMPLE,
  orderRecordView,
  PAGE_LENGTH,
  PlacedOrdersView,
} from './orders.liveuser.dto.js';
import { OrdersService } from './orders.service.js';

/** This wire knows neither freight nor a recipient: what is sold here is handed over in the live room. */
const TERMS = { freight: fen(0), recipient: { name: '', phone: '', address: '' }, message: '' };

@LiveUser('Order')
export class OrdersLiveuserController {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly orders: OrdersService,
  ) {}

  @Post('Create')
  @Allow()
  @RateLimit('order')
  @Idempotent()
  @Doc<PlacedOrdersView>({
    zh: '创建订单',
    en: 'One order per merchant; `order` is the first, `orders` (beyond the document) all of them. Stock is taken.',
    answer: { order: ORDER_EXAMPLE, orders: [ORDER_EXAMPLE] },
    errors: { not_found: 'product not found', conflict: 'out of stock' },
  })
  async create(
    @CurrentUser() user: Principal,
    @Input() input: CreateOrderDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<PlacedOrdersView> {
    const lines = input.products.map(({ product_id, count }) => ({ productId: product_id, count }));
    const { orderIds } = await this.checkout.checkOutProducts(ref, user.userId, lines, TERMS);
    const orders = (await this.orders.listByIds(orderIds)).map((order) => orderRecordView(order, user.uid));
    return { order: orders[0], orders };
  }

  @Post('List')
  @Allow()
  @Doc<OrderRecordListView>({
    zh: '查询自己的订单',
    en: 'Newest first, 10 a page; `cursor` 0 starts and ends.',
    answer: { orders: [ORDER_EXAMPLE], cursor: 0 },
  })
  async list(@CurrentUser() user: Principal, @Input() { cursor }: ListOrdersDto): Promise<OrderRecordListView> {
    const filter = cursor === 0 ? {} : { beforeId: cursor };
    const found = await this.orders.listForBuyer(user.userId, filter, { from: 0, length: PAGE_LENGTH + 1 });
    const shown = found.slice(0, PAGE_LENGTH);
    const next = found.length > PAGE_LENGTH ? (shown.at(-1)?.id ?? 0) : 0;
    return { orders: shown.map((order) => orderRecordView(order, user.uid)), cursor: next };
  }
}
