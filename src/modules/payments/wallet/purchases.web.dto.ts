import { Id } from '../../../protocols/fields.js';
import { WEB_PRODUCT_EXAMPLE, WebProductView } from '../../products/products.web.dto.js';

export class PurchaseDto {
  @Id({ example: 2 }) product_id!: number;
}

export class CartPurchaseView {
  /** One for each line that was bought, in cart order. */
  success!: WebProductView[];
  /** One for each line that stays in the cart. */
  fail!: WebProductView[];
}

export const CART_PURCHASE_EXAMPLE: CartPurchaseView = { success: [WEB_PRODUCT_EXAMPLE], fail: [] };
