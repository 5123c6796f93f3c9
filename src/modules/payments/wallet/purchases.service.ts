import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { fen } from '../../../common/money.js';
import { Idempotency } from '../../../database/idempotency.js';
import { Transactions } from '../../../database/transactions.js';
import { CartService } from '../../cart/cart.service.js';
import { CheckoutService } from '../../orders/checkout.service.js';
import type { WalletChannel } from '../records/payment.entity.js';
import { WalletPayments } from './wallet-payments.service.js';

/** Product ids in cart order, one for each line. */
export interface CartPurchase {
  readonly bought: readonly number[];
  readonly failed: readonly number[];
}

const TERMS = { freight: fen(0), recipient: { name: '', phone: '', address: '' }, message: '' };

/** Orders that are placed and paid from the wallet in one step. */
@Injectable()
export class PurchasesService {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly transactions: Transactions,
    private readonly cart: CartService,
    private readonly checkout: CheckoutService,
    private readonly wallet: WalletPayments,
  ) {}

  /**
   * Buys one piece: stock, order, payment and ledger in one transaction. With `coupon` the coupon pays up to
   * COUPON_MAX_SHARE of the price, rounded down to a fen, and the balance the rest. Returns the payment's id.
   * @throws DomainError `not_found`, `conflict` (not on sale, sold out), `insufficient_balance`; nothing has changed then
   */
  async buy(ref: IdempotencyRef | null, userId: number, productId: number, channel: WalletChannel): Promise<number> {
    const line = { productId, count: 1 };
    return this.idempotency.once(ref, (tx) =>
      this.wallet.payPlaced(tx, userId, channel, () => this.checkout.place(tx, userId, [line], TERMS)),
    );
  }

  /** {@link payLine} for the whole cart, line by line in cart order, each by itself. */
  async payCart(ref: IdempotencyRef | null, userId: number, channel: WalletChannel): Promise<CartPurchase> {
    return this.idempotency.around(ref, async () => {
      const result = { bought: [] as number[], failed: [] as number[] };
      for (const { productId } of await this.cart.lines(userId)) {
        const done = await this.tryLine(userId, productId, channel);
        result[done ? 'bought' : 'failed'].push(productId);
      }
      return result;
    });
  }

  /** Buys all pieces of a product in the cart, price times count, like {@link buy}; the line leaves the cart with it. */
  private async payLine(userId: number, productId: number, channel: WalletChannel): Promise<void> {
    const line = { productIds: [productId], ...TERMS };
    await this.transactions.run((tx) =>
      this.wallet.payPlaced(tx, userId, channel, () => this.checkout.placeCart(tx, userId, line)),
    );
  }

  private async tryLine(userId: number, productId: number, channel: WalletChannel): Promise<boolean> {
    try {
      await this.payLine(userId, productId, channel);
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'unavailable') return false;
      throw error;
    }
  }
}
