import { DomainError } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import { From, Id, IdList, Int, Length, Seconds, Str, StrList, Yuan } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import { ViewId, ViewIdList, ViewInt, ViewOneOf, ViewSeconds, ViewYuan } from '../../protocols/view-fields.js';
import { PRODUCT_EXAMPLE, ProductView, productView } from '../products/products.api-v1.dto.js';
import type { CartCheckout } from './checkout.service.js';
import { ImpossibleTransition, type StatusChange } from './order-actions.service.js';
import type { OrderStatus } from './order-status.js';
import type { OrderItemDetails, OrderDetails, OrderFilter } from './orders.service.js';

/** What this wire calls the statuses (`now_status`); 5 and 6 are beyond the document. */
const STATUS_NUMBERS: Readonly<Record<OrderStatus, number>> = {
  pendingPayment: 1,
  awaitingReceipt: 2,
  awaitingReview: 3,
  completed: 4,
  closed: 5,
  refunded: 6,
};

/** More ids, or more tracking numbers, than this in one request are refused. */
const MAX_LIST = 500;
/** 10000 yuan. */
const MAX_FREIGHT = 1_000_000;

export class GenerateOrderDto {
  @IdList(1, MAX_LIST, { example: [1, 3, 5, 7, 8] }) product_ids!: number[];
  /** On each of the orders, in full. */
  @Yuan(0, MAX_FREIGHT, { example: 5.5 }) transportation_price!: Fen;
  @Str(1, 64, { example: 'hhh' }) name!: string;
  @Str(1, 32, { example: '18089876534' }) phone_number!: string;
  @Str(1, 500, { example: '广东省深圳市南山区' }) address!: string;
  @Str(0, 500, { optional: true, example: '快点发货' }) message = '';
}

export class OrderListDto {
  @From() from = 0;
  @Length() length = 10;
  /** 0 is all. */
  @Int(0, 6, { optional: true, example: 1 }) status = 0;
}

export class OrderIdDto {
  @Id({ example: 4 }) order_id!: number;
}

export class ChangeStatusDto extends OrderIdDto {
  @Int(1, 4, { example: 2 }) status!: number;
  @Seconds({ optional: true, example: 1531292871 }) pay_time?: Date;
  @Seconds({ optional: true, example: 1531292871 }) verify_time?: Date;
  @Str(0, 500, { optional: true, example: '商户退单' }) shop_message?: string;
}

export class TrackingNumbersDto extends OrderIdDto {
  @StrList(1, MAX_LIST, { min: 1, max: 64 }, { example: ['75844515448966', '75234515448968', '75584515448966'] })
  tracking_number!: string[];
}

export class OrderLineView {
  /** As it was bought, with today's stock and whether it is off sale today. */
  products!: ProductView;
  @ViewInt(1, 9999) count!: number;
}

export class OrderView {
  @ViewId() order_id!: number;
  /** Who placed it. */
  @ViewId() owner_user_id!: number;
  /** The merchant. */
  @ViewId() owner_shop_user_id!: number;
  /** 1 unpaid, 2 awaiting receipt, 3 awaiting review, 4 completed; beyond the document 5 closed and 6 refunded. */
  @ViewOneOf(...Object.values(STATUS_NUMBERS)) now_status!: number;
  @ViewYuan(0) total_price!: number;
  @ViewYuan(0) transportation_price!: number;
  @ViewYuan(0) discount_price!: number;
  product_and_count!: OrderLineView[];
  person_name!: string;
  person_phone_number!: string;
  person_address!: string;
  @ViewSeconds() order_time!: number;
  @ViewSeconds() pay_time!: number;
  /** When receipt was confirmed. */
  @ViewSeconds() verify_time!: number;
  tracking_number!: string[];
  /** From the buyer. */
  message!: string;
  /** The phone bound to the buyer's account; empty when none. */
  user_phone_number!: string;
  /** From the merchant. */
  shop_message!: string;
}

export class OrderListView {
  orders!: OrderView[];
}

export class CheckoutView {
  /** By first appearance of their merchants among the products. */
  @ViewIdList() order_id!: number[];
}

const BOUGHT_EXAMPLE: ProductView = { ...PRODUCT_EXAMPLE, ownerUserId: 4 };

/** The document's order. */
export const ORDER_EXAMPLE: OrderView = {
  order_id: 1,
  owner_user_id: 3,
  owner_shop_user_id: 4,
  now_status: 2,
  total_price: 433.2,
  transportation_price: 30.1,
  discount_price: 10.3,
  product_and_count: [
    { products: BOUGHT_EXAMPLE, count: 3 },
    { products: { ...BOUGHT_EXAMPLE, id: 4 }, count: 6 },
  ],
  person_name: 'name',
  person_phone_number: '13877766543',
  person_address: 'address',
  order_time: 1531292871,
  pay_time: 1531292871,
  verify_time: 1531292871,
  tracking_number: ['75844515448966', '75234515448968', '75584515448966'],
  message: '快点发货',
  user_phone_number: '13876545678',
  shop_message: '商家退单',
};

export function toCheckout(input: GenerateOrderDto): CartCheckout {
  return {
    productIds: input.product_ids,
    freight: input.transportation_price,
    recipient: { name: input.name, phone: input.phone_number, address: input.address },
    message: input.message,
  };
}

export function toFilter({ status }: OrderListDto): OrderFilter {
  return status === 0 ? {} : { status: statusOf(status) };
}

/** 0 is no time on this wire, so it changes nothing. */
export function toStatusChange(input: ChangeStatusDto): StatusChange {
  return {
    orderId: input.order_id,
    status: statusOf(input.status) as StatusChange['status'],
    paidAt: input.pay_time?.getTime() || undefined,
    verifiedAt: input.verify_time?.getTime() || undefined,
    shopMessage: input.shop_message,
  };
}

/** Throws the error, and a refusal of the state machine in this wire's numbers. */
export function throwInNumbers(error: unknown): never {
  if (!(error instanceof ImpossibleTransition)) throw error;
  const { code, from, to } = error;
  throw new DomainError(code, `the order cannot go from status ${STATUS_NUMBERS[from]} to ${STATUS_NUMBERS[to]}`);
}

export function orderView(order: OrderDetails): OrderView {
  return {
    order_id: order.id,
    owner_user_id: order.buyerId,
    owner_shop_user_id: order.merchantId,
    now_status: STATUS_NUMBERS[order.status],
    total_price: toYuan(order.total),
    transportation_price: toYuan(order.freight),
    discount_price: toYuan(order.discount),
    product_and_count: order.items.map(lineView),
    person_name: order.recipientName,
    person_phone_number: order.recipientPhone,
    person_address: order.recipientAddress,
    order_time: toSeconds(order.createdAt),
    pay_time: toSeconds(order.paidAt),
    verify_time: toSeconds(order.verifiedAt),
    tracking_number: [...order.trackingNumbers],
    message: order.message,
    user_phone_number: order.buyerPhone ?? '',
    shop_message: order.shopMessage,
  };
}

function lineView(item: OrderItemDetails): OrderLineView {
  return { products: productView(Object.assign(item, { id: item.productId })), count: item.count };
}

function statusOf(number: number): OrderStatus {
  return (Object.keys(STATUS_NUMBERS) as OrderStatus[]).find((status) => STATUS_NUMBERS[status] === number)!;
}
