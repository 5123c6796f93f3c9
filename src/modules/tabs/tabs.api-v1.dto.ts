import { Field, Id, IdList, Int, Str } from '../../protocols/fields.js';
import { kept } from '../../protocols/kept.js';
import { pageLength } from '../../protocols/scalars.js';
import { ViewId, ViewInt } from '../../protocols/view-fields.js';
import type { ProductCard } from '../products/product.js';
import {
  productCardView,
  ProductCardView,
  productSummaryView,
  ProductSummaryView,
} from '../products/products.api-v1.dto.js';
import type { Tab } from './tab.entity.js';

const MAX_PRODUCTS = 1000;
const MAX_INT = 2 ** 31 - 1;

export class TabIdDto {
  @Id({ example: 4 }) tabId!: number;
}

export class AddTabDto {
  @Str(1, 64, { example: 'hh' }) name!: string;
  @IdList(0, MAX_PRODUCTS, { example: [1, 3, 4, 6] }) products!: number[];
}

/** An omitted field keeps its value. */
export class ModifyTabDto extends TabIdDto {
  @Str(1, 64, { optional: true, example: 'hh' }) name?: string;
  @IdList(0, MAX_PRODUCTS, { optional: true, example: [1, 2, 4, 8] }) products?: number[];
}

export class ModifyHomeTabDto {
  @IdList(0, MAX_PRODUCTS, { example: [2, 3] }) products!: number[];
}

export class ModifyHomePictureDto {
  @Int(0, MAX_INT, { example: 3 }) pictureNumber!: number;
}

/** Without both, the configured list; with one of them, a page of it and of what follows. */
export class HomeTabDto {
  @Int(0, Number.MAX_SAFE_INTEGER, { optional: true }) from?: number;
  @Field(pageLength, { optional: true }) length?: number;
}

export class TabView {
  @ViewId() tabId!: number;
  name!: string;
}

export class TabListView {
  tabs!: TabView[];
}

export class TabIdView {
  @ViewId() tabId!: number;
}

export class HomePictureView {
  /** 0 until set. */
  @ViewInt(0, MAX_INT) pictureNumber!: number;
}

export class TabProductsView {
  products!: ProductSummaryView[];
}

export class HomeProductsView {
  products!: ProductCardView[];
}

export function tabView({ id, name }: Tab): TabView {
  return { tabId: id, name };
}

/** Of a remembered list. */
export const tabProductsView = kept((cards: readonly ProductCard[]): TabProductsView => ({
  products: cards.map(productSummaryView),
}));

/** Of a remembered list. */
export const homeProductsView = kept((cards: readonly ProductCard[]): HomeProductsView => ({
  products: cards.map(productCardView),
}));
