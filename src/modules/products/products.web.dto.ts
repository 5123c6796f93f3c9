import { From, Id, Int, Length } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import { ViewFen, ViewId, ViewShanghaiTime } from '../../protocols/view-fields.js';
import type { ProductTeaser } from './product.js';

export class ProductListDto {
  /** The merchant's user id; 0 is all shops. */
  @Int(0, Number.MAX_SAFE_INTEGER, { optional: true, example: 0 }) shop_id = 0;
  @From() from = 0;
  @Length() length = 100;
}

export class ProductDto {
  @Id({ example: 2 }) product_id!: number;
}

/** 商品信息. */
export class WebProductView {
  @ViewId() id!: number;
  name!: string;
  description!: string;
  /** Address of a small picture; empty for none. */
  icon!: string;
  /** The merchant's user id. */
  @ViewId() shop_id!: number;
  @ViewFen(1) price!: number;
  @ViewShanghaiTime() create_at!: string;
  @ViewShanghaiTime() update_at!: string;
}

export const WEB_PRODUCT_EXAMPLE: WebProductView = {
  id: 2,
  name: '过期猪小排100g',
  description: '过期的猪小排。',
  icon: '',
  shop_id: 2,
  price: 23300,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

export function webProductView(product: ProductTeaser): WebProductView {
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
