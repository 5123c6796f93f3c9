import { From, Id, IdList, Int, Length } from '../../protocols/fields.js';
import { toYuan } from '../../protocols/scalars.js';
import { MAX_COUNT, type FilledLine } from './cart.service.js';

/** More ids than this in one request are refused. */
const MAX_IDS = 500;

export class CartPageDto {
  @From()
  from!: number;

  @Length(10)
  length!: number;
}

export class CartProductDto {
  @Id({ example: 3 })
  productId!: number;
}

export class GetCartDto {
  @IdList(0, MAX_IDS, { example: [1, 3, 4, 6] })
  product_ids!: number[];
}

export class ModifyCountDto extends CartProductDto {
  /** 0 removes the product. */
  @Int(0, MAX_COUNT, { example: 4 })
  modifyCount!: number;
}

export function cartLineView({ count, product }: FilledLine): object {
  return {
    id: product.id,
    count,
    price: toYuan(product.price),
    title: product.title,
    description: product.description,
    ownerUserId: product.ownerId,
    stock: product.stock,
    isDrop: !product.listed,
  };
}
