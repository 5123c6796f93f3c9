import { Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { fen } from '../../common/money.js';
import type { Principal } from '../../common/principal.js';
import { Allow, CurrentUser, IdempotencyKey, Idempotent, Input, LiveUser } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { OrderPlacement } from './order-placement.service.js';
import { CreateOrderDto, ListOrdersDto, orderRecordView, PAGE_LENGTH } from './orders.liveuser.dto.js';
import { OrdersService } from './orders.service.js';

const ORDER_EXAMPLE = {
  id: 1,
  uid: '5f0c7a1e9b3d4c2a8e6f1b0d',
  state: 0,
  amount: 46600,
  discount: 0,
  pay: 46600,
  pay_at: 0,
  products: [
    {
      order_id: 1,
      product_id: '3',
      name: '没过期猪小排100g',
      price: 23300,
      count: 2,
      product_snapshot: 7,
      detail: '{"title":"没过期猪小排100g"}',
    },
  ],
  created_at: 1605868800000,
  updated_at: 1605868800000,
  deleted_at: 0,
};
/** This wire knows neither freight nor a recipient: what is sold here is handed over in the live room. */
const TERMS = { freight: fen(0), recipient: { name: '', phone: '', address: '' }, message: '' };

@LiveUser('Order')
export class OrdersLiveuserController {
  constructor(
    private readonly placement: OrderPlacement,
    private readonly orders: OrdersService,
  ) {}

  @Post('Create')
  @Allow()
  @RateLimit('order')
  @Idempotent()
  @Doc({
    zh: '创建订单',
    en: 'One order per merchant; `order` is the first, `orders` (beyond the document) all of them. Stock is taken.',
    answer: { order: ORDER_EXAMPLE, orders: [ORDER_EXAMPLE] },
    errors: { not_found: 'product not found', conflict: 'out of stock' },
  })
  async create(
    @CurrentUser() user: Principal,
    @Input() input: CreateOrderDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<object> {
    const lines = input.products.map(({ product_id, count }) => ({ productId: product_id, count }));
    const { orderIds } = await this.placement.placeLines(ref, user.userId, lines, TERMS);
    const orders = (await this.orders.listByIds(orderIds)).map((order) => orderRecordView(order, user.uid));
    return { order: orders[0], orders };
  }

  @Post('List')
  @Allow()
  @Doc({
    zh: '查询自己的订单',
    en: 'Newest first, 10 a page; `cursor` 0 starts and ends.',
    answer: { orders: [ORDER_EXAMPLE], cursor: 0 },
  })
  async list(@CurrentUser() user: Principal, @Input() { cursor }: ListOrdersDto): Promise<object> {
    const filter = cursor === 0 ? {} : { beforeId: cursor };
    const found = await this.orders.listForBuyer(user.userId, filter, { from: 0, length: PAGE_LENGTH + 1 });
    const shown = found.slice(0, PAGE_LENGTH);
    const next = found.length > PAGE_LENGTH ? (shown.at(-1)?.id ?? 0) : 0;
    return { orders: shown.map((order) => orderRecordView(order, user.uid)), cursor: next };
  }
}
