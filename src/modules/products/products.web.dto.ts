import { From, Id, Int, Length } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import type { Product } from './product.js';

export class ProductListDto {
  /** The merchant's user id; 0 is all shops. */
  @Int(0, Number.MAX_SAFE_INTEGER, { default: 0, example: 0 })
  shop_id!: number;

  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export class ProductDto {
  @Id({ example: 2 })
  product_id!: number;
}

export const WEB_PRODUCT_EXAMPLE = {
  id: 2,
  name: '过期猪小排100g',
  description: '过期的猪小排。',
  icon: '',
  shop_id: 2,
  price: 23300,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

/** 商品信息: the price in fen. */
export function webProductView(product: Product): object {
  return {
    id: product.id,
    name: product.title,
    description: product.description,
    icon: product.icon,
    shop_id: product.ownerId,
    price: product.price,
    create_at: toShanghaiTime(product.createdAt),
    update_at: toShanghaiTime(product.updatedAt),
  };
}
