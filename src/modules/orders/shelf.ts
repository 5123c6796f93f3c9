import { DomainError } from '../../common/domain-error.js';
import { MAX_COUNT, type LineForSale } from '../cart/cart.service.js';
import { outOfStock } from '../products/product.js';

/** What is left of each product while several checkouts are put together; the database decides, see `takeStock`. */
export class Shelf {
  private readonly taken = new Map<number, number>();

  /** @throws DomainError `conflict`, `invalid` */
  refuseUnsaleable(lines: readonly LineForSale[]): void {
    for (const { product, count } of lines) {
      if (!product.listed) throw new DomainError('conflict', `product ${product.id} is not on sale`);
      if (count > MAX_COUNT) throw new DomainError('invalid', `at most ${MAX_COUNT} pieces of one product`);
      if (product.stock - this.takenOf(product.id) < count) throw outOfStock();
    }
  }

  take(lines: readonly LineForSale[]): void {
    for (const { product, count } of lines) this.taken.set(product.id, this.takenOf(product.id) + count);
  }

  private takenOf(productId: number): number {
    return this.taken.get(productId) ?? 0;
  }
}
