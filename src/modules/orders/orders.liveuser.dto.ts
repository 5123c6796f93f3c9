import { Field, Int, Nested, TextId } from '../../protocols/fields.js';
import { integer } from '../../protocols/scalars.js';
import { ViewFen, ViewId, ViewInt, ViewMilliseconds, ViewOneOf } from '../../protocols/view-fields.js';
import { OrderStatus } from './order-status.js';
import type { OrderItemDetails, OrderDetails } from './orders.service.js';

const MAX_PRODUCTS = 100;
/** Orders on a page of `Order.List`. */
export const PAGE_LENGTH = 10;

export class OrderProductDto {
  /** Our product id as text. */
  @TextId({ example: '3' }) product_id!: number;
  @Int(1, 9999, { example: 2 }) count!: number;
}

export class CreateOrderDto {
  @Nested(OrderProductDto, { min: 1, max: MAX_PRODUCTS }) products!: OrderProductDto[];
}

export class ListOrdersDto {
  /** 0 for the first page, then what the last reply said; 0 in a reply ends the list. */
  @Field(integer(0, Number.MAX_SAFE_INTEGER), { optional: true, example: 0 }) cursor = 0;
}

export class OrderProductView {
  @ViewId() order_id!: number;
  /** Our product id as text. */
  product_id!: string;
  name!: string;
  @ViewFen(1) price!: number;
  @ViewInt(1, 9999) count!: number;
  /** Id of the state in which the product was bought. */
  @ViewId() product_snapshot!: number;
  /** The product as bought, as JSON text. */
  detail!: string;
}

/** Object OrderRecord: fen and milliseconds, 0 for no time. A closed order keeps state 0 and has `deleted_at`. */
export class OrderRecordView {
  @ViewId() id!: number;
  /** The buyer's. */
  uid!: string;
  /** 1 is paid. */
  @ViewOneOf(0, 1) state!: number;
  @ViewFen(0) amount!: number;
  @ViewFen(0) discount!: number;
  /** What is to be paid: amount - discount. */
  @ViewFen(0) pay!: number;
  @ViewMilliseconds() pay_at!: number;
  products!: OrderProductView[];
  @ViewMilliseconds() created_at!: number;
  @ViewMilliseconds() updated_at!: number;
  @ViewMilliseconds() deleted_at!: number;
}

export class PlacedOrdersView {
  /** The first of `orders`. */
  order!: OrderRecordView;
  /** Beyond the document: one for each merchant. */
  orders!: OrderRecordView[];
}

export class OrderRecordListView {
  orders!: OrderRecordView[];
  /** Where the next page begins; 0 ends the list. */
  @ViewInt() cursor!: number;
}

export const ORDER_EXAMPLE: OrderRecordView = {
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

export function orderRecordView(order: OrderDetails, uid: string): OrderRecordView {
  return {
    id: order.id,
    uid,
    state: isPaid(order.status) ? 1 : 0,
    amount: order.goods + order.freight,
    discount: order.discount,
    pay: order.total,
    pay_at: order.paidAt ?? 0,
    products: order.items.map(orderProductView),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    deleted_at: order.closedAt ?? 0,
  };
}

function isPaid(status: OrderStatus): boolean {
  return status !== OrderStatus.pendingPayment && status !== OrderStatus.closed;
}

function orderProductView(item: OrderItemDetails): OrderProductView {
  const { title, description, detail, icon, pictureNumber, detailPictureNumber, ownerId, price } = item;
  return {
    order_id: item.orderId,
    product_id: String(item.productId),
    name: title,
    price,
    count: item.count,
    product_snapshot: item.snapshotId,
    detail: JSON.stringify({ title, description, detail, icon, pictureNumber, detailPictureNumber, ownerId, price }),
  };
}
