import { Id } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import type { OrderableProduct } from '../orders/order-placement.service.js';

export class PurchaseDto {
  @Id({ example: 2 })
  product_id!: number;
}

export const PURCHASED_EXAMPLE = {
  id: 2,
  name: '过期猪小排100g',
  description: '过期的猪小排。',
  icon: '',
  shop_id: 2,
  price: 23300,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

/** 商品信息, as everywhere on this wire: the price in fen. */
export function purchasedView(product: OrderableProduct): object {
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
