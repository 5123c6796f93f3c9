import { From, Id, IdList, Int, Length } from '../../protocols/fields.js';
import { ViewInt } from '../../protocols/view-fields.js';
import { PRODUCT_SUMMARY_EXAMPLE, ProductSummaryView, productSummaryView } from '../products/products.api-v1.dto.js';
import { MAX_COUNT, type FilledLine } from './cart.service.js';

/** More ids than this in one request are refused. */
const MAX_IDS = 500;

export class CartPageDto {
  @From() from = 0;
  @Length() length = 10;
}

export class CartProductDto {
  @Id({ example: 3 }) productId!: number;
}

export class GetCartDto {
  @IdList(0, MAX_IDS, { example: [1, 3, 4, 6] }) product_ids!: number[];
}

export class ModifyCountDto extends CartProductDto {
  /** 0 removes the product. */
  @Int(0, MAX_COUNT, { example: 4 }) modifyCount!: number;
}

/** A product and how often it is in the cart. */
export class CartLineView extends ProductSummaryView {
  @ViewInt(1, MAX_COUNT) count!: number;
}

export class CartView {
  Products!: CartLineView[];
}

/** The document writes this list in lower case. */
export class ChosenLinesView {
  products!: CartLineView[];
}

export class CartCountView {
  /** 0 when the product is not in the cart. */
  @ViewInt(0, MAX_COUNT) count!: number;
}

export class InCartView extends CartCountView {
  inCart!: boolean;
}

export const CART_LINE_EXAMPLE: CartLineView = lineOf(PRODUCT_SUMMARY_EXAMPLE, {
  productId: PRODUCT_SUMMARY_EXAMPLE.id,
  count: 3,
});

export function cartLineView(line: FilledLine): CartLineView {
  return lineOf(productSummaryView(line), line);
}

function lineOf(
  { price, title, description, ownerUserId, stock, isDrop }: ProductSummaryView,
  { productId, count }: Pick<FilledLine, 'productId' | 'count'>,
): CartLineView {
  return { id: productId, count, price, title, description, ownerUserId, stock, isDrop };
}
