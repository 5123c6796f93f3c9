import { Field, Id, Int, Nested } from '../../protocols/fields.js';
import { integer } from '../../protocols/scalars.js';
import { OrderStatus } from './order-status.js';
import type { ShownItem, ShownOrder } from './orders.service.js';

const MAX_PRODUCTS = 100;
/** Orders on a page of `Order.List`. */
export const PAGE_LENGTH = 10;

export class OrderProductDto {
  /** Our product id as text. */
  @Id({ example: '3' })
  product_id!: number;

  @Int(1, 9999, { example: 2 })
  count!: number;
}

export class CreateOrderDto {
  @Nested(OrderProductDto, { min: 1, max: MAX_PRODUCTS })
  products!: OrderProductDto[];
}

export class ListOrdersDto {
  /** 0 for the first page, then what the last reply said; 0 in a reply ends the list. */
  @Field(integer(0, Number.MAX_SAFE_INTEGER), { default: 0, example: 0 })
  cursor!: number;
}

/** Object OrderRecord: fen and milliseconds, 0 for no time. A closed order keeps state 0 and has `deleted_at`. */
export function orderRecordView(order: ShownOrder, uid: string): object {
  return {
    id: order.id,
    uid,
    state: isPaid(order.status) ? 1 : 0,
    amount: order.goods + order.freight,
    discount: order.discount,
    pay: order.total,
    pay_at: order.paidAt ?? 0,
    products: order.items.map((item) => orderProductView(item)),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    deleted_at: order.closedAt ?? 0,
  };
}

function isPaid(status: OrderStatus): boolean {
  return status !== OrderStatus.pendingPayment && status !== OrderStatus.closed;
}

function orderProductView({ orderId, productId, snapshotId, snapshot, price, count }: ShownItem): object {
  const { title, description, detail, icon, pictureNumber, detailPictureNumber, ownerId } = snapshot;
  return {
    order_id: orderId,
    product_id: String(productId),
    name: title,
    price,
    count,
    product_snapshot: snapshotId,
    detail: JSON.stringify({ title, description, detail, icon, pictureNumber, detailPictureNumber, ownerId, price }),
  };
}
