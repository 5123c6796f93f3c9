import { Field, Id, IdList, Int, Str } from '../../protocols/fields.js';
import { pageLength, toYuan } from '../../protocols/scalars.js';
import type { ProductCard } from '../products/products.service.js';

const MAX_PRODUCTS = 1000;
const MAX_INT = 2 ** 31 - 1;

export class TabIdDto {
  @Id({ example: 4 })
  tabId!: number;
}

export class AddTabDto {
  @Str(1, 64, { example: 'hh' })
  name!: string;

  @IdList(0, MAX_PRODUCTS, { example: [1, 3, 4, 6] })
  products!: number[];
}

/** An omitted field keeps its value. */
export class ModifyTabDto extends TabIdDto {
  @Str(1, 64, { optional: true, example: 'hh' })
  name?: string;

  @IdList(0, MAX_PRODUCTS, { optional: true, example: [1, 2, 4, 8] })
  products?: number[];
}

export class ModifyHomeTabDto {
  @IdList(0, MAX_PRODUCTS, { example: [2, 3] })
  products!: number[];
}

export class ModifyHomePictureDto {
  @Int(0, MAX_INT, { example: 3 })
  pictureNumber!: number;
}

/** Without both, the configured list; with one of them, a page of it and of what follows. */
export class HomeTabDto {
  @Int(0, Number.MAX_SAFE_INTEGER, { optional: true })
  from?: number;

  @Field(pageLength, { optional: true })
  length?: number;
}

export function tabProductView(card: ProductCard): object {
  return {
    id: card.id,
    price: toYuan(card.price),
    title: card.title,
    description: card.description,
    ownerUserId: card.ownerId,
    stock: card.stock,
    isDrop: !card.listed,
  };
}

export function homeProductView(card: ProductCard): object {
  return {
    id: card.id,
    price: toYuan(card.price),
    title: card.title,
    description: card.description,
    pictureNumber: card.pictureNumber,
    ownerUserId: card.ownerId,
    stock: card.stock,
    isDrop: !card.listed,
  };
}

export const TAB_PRODUCT_EXAMPLE = {
  id: 2,
  price: 233,
  title: '过期猪小排100g',
  description: '过期的猪小排。',
  ownerUserId: 2,
  stock: 32,
  isDrop: false,
};
