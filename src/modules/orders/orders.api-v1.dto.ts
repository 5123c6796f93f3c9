import type { Fen } from '../../common/money.js';
import { From, Id, IdList, Int, Length, Seconds, Str, StrList, Yuan } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import type { StatusChange } from './order-changes.service.js';
import type { OrderStatus } from './order-status.js';
import type { ShownItem, ShownOrder } from './orders.service.js';

/** More ids, or more tracking numbers, than this in one request are refused. */
const MAX_LIST = 500;
/** 10000 yuan. */
const MAX_FREIGHT = 1_000_000;

export class GenerateOrderDto {
  @IdList(1, MAX_LIST, { example: [1, 3, 5, 7, 8] })
  product_ids!: number[];

  /** On each of the orders, in full. */
  @Yuan(0, MAX_FREIGHT, { example: 5.5 })
  transportation_price!: Fen;

  @Str(1, 64, { example: 'hhh' })
  name!: string;

  @Str(1, 32, { example: '18089876534' })
  phone_number!: string;

  @Str(1, 500, { example: '广东省深圳市南山区' })
  address!: string;

  @Str(0, 500, { default: '', example: '快点发货' })
  message!: string;
}

export class OrderListDto {
  @From()
  from!: number;

  @Length(10)
  length!: number;

  /** 0 is all. */
  @Int(0, 6, { default: 0, example: 1 })
  status!: number;
}

export class OrderIdDto {
  @Id({ example: 4 })
  order_id!: number;
}

export class ChangeStatusDto extends OrderIdDto {
  @Int(1, 4, { example: 2 })
  status!: OrderStatus;

  @Seconds({ optional: true, example: 1531292871 })
  pay_time?: Date;

  @Seconds({ optional: true, example: 1531292871 })
  verify_time?: Date;

  @Str(0, 500, { optional: true, example: '商户退单' })
  shop_message?: string;
}

export class TrackingNumbersDto extends OrderIdDto {
  @StrList(1, MAX_LIST, { min: 1, max: 64 }, { example: ['75844515448966', '75234515448968', '75584515448966'] })
  tracking_number!: string[];
}

/** 0 is no time on this wire, so it changes nothing. */
export function toStatusChange(input: ChangeStatusDto): StatusChange {
  return {
    orderId: input.order_id,
    status: input.status,
    payTime: input.pay_time?.getTime() ? input.pay_time : undefined,
    verifyTime: input.verify_time?.getTime() ? input.verify_time : undefined,
    shopMessage: input.shop_message,
  };
}

export function orderView(order: ShownOrder): object {
  return {
    order_id: order.id,
    owner_user_id: order.buyerId,
    owner_shop_user_id: order.merchantId,
    now_status: order.status,
    total_price: toYuan(order.total),
    transportation_price: toYuan(order.freight),
    discount_price: toYuan(order.discount),
    product_and_count: order.items.map((item) => ({ products: boughtView(item), count: item.count })),
    person_name: order.recipientName,
    person_phone_number: order.recipientPhone,
    person_address: order.recipientAddress,
    order_time: toSeconds(order.createdAt),
    pay_time: toSeconds(order.paidAt),
    verify_time: toSeconds(order.verifiedAt),
    tracking_number: order.trackingNumbers,
    message: order.message,
    user_phone_number: order.buyerPhone,
    shop_message: order.shopMessage,
  };
}

/** The product as bought, with today's stock and whether it is unlisted today. */
function boughtView({ productId, snapshot, price, stock, listed }: ShownItem): object {
  return {
    id: productId,
    price: toYuan(price),
    title: snapshot.title,
    description: snapshot.description,
    pictureNumber: snapshot.pictureNumber,
    ownerUserId: snapshot.ownerId,
    stock,
    isDrop: !listed,
    detail: snapshot.detail,
    detailPictureNumber: snapshot.detailPictureNumber,
  };
}
