import { Field, Id, Int } from '../../protocols/fields.js';
import { integer, pageLength, toShanghaiTime } from '../../protocols/scalars.js';
import { ViewFen, ViewId, ViewInt, ViewShanghaiTime } from '../../protocols/view-fields.js';
import { MAX_COUNT, type FilledLine } from './cart.service.js';

/** The whole cart unless one of these is given. */
export class WebCartDto {
  @Field(integer(0, Number.MAX_SAFE_INTEGER), { optional: true }) from?: number;
  @Field(pageLength, { optional: true }) length?: number;
}

export class AddToCartDto {
  @Id({ example: 2 }) product_id!: number;
}

export class CartLineDto {
  @Id({ example: 5 }) cart_id!: number;
}

export class CartNumberDto extends CartLineDto {
  /** 0 removes the line. */
  @Int(0, MAX_COUNT, { example: 3 }) num!: number;
}

/** 购物车信息. */
export class WebCartView {
  /** Of the line. */
  @ViewId() id!: number;
  /** Whose cart it is. */
  @ViewId() uid!: number;
  @ViewId() product!: number;
  @ViewId() product_id!: number;
  product_name!: string;
  /** Of one piece. */
  @ViewFen(1) product_price!: number;
  @ViewInt(1, MAX_COUNT) num!: number;
  @ViewShanghaiTime() create_at!: string;
  @ViewShanghaiTime() update_at!: string;
}

export const WEB_CART_EXAMPLE: WebCartView = {
  id: 5,
  uid: 3,
  product: 2,
  product_id: 2,
  product_name: '过期猪小排100g',
  product_price: 23300,
  num: 1,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

export function webCartView(line: FilledLine): WebCartView {
  return {
    id: line.id,
    uid: line.userId,
    product: line.productId,
    product_id: line.productId,
    product_name: line.title,
    product_price: line.price,
    num: line.count,
    create_at: toShanghaiTime(line.createdAt),
    update_at: toShanghaiTime(line.updatedAt),
  };
}
