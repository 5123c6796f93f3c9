import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { fen } from '../../common/money.js';
import { Idempotency } from '../../database/idempotency.js';
import { Transactions } from '../../database/transactions.js';
import { OrderPlacement } from '../orders/order-placement.service.js';
import { KeyedCall } from './keyed-call.js';
import type { WalletChannel } from './payment-store.js';
import { WalletPayments } from './wallet-payments.service.js';

export interface Purchase {
  readonly orderId: number;
  readonly paymentId: number;
}

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
    private readonly keyed: KeyedCall,
    private readonly placement: OrderPlacement,
    private readonly wallet: WalletPayments,
  ) {}

  /**
   * Buys one piece: stock, order, payment and ledger in one transaction. With `coupon` the coupon pays up to
   * COUPON_MAX_SHARE of the price, rounded down to a fen, and the balance the rest.
   * @throws DomainError `not_found`, `conflict` (not on sale, sold out), `insufficient_balance`; nothing has changed then
   */
  async buy(ref: IdempotencyRef | null, userId: number, productId: number, channel: WalletChannel): Promise<Purchase> {
    return this.idempotency.once(ref, async (tx) => {
      await this.wallet.lock(tx, userId, channel);
      const [order] = await this.placement.placeIn(tx, userId, [{ productId, count: 1 }], TERMS);
      return { orderId: order.id, paymentId: await this.wallet.payPlaced(tx, userId, [order], channel) };
    });
  }

  /**
   * Buys all pieces of a product in the cart, price times count, like {@link buy}; the line leaves the cart with it.
   * @throws DomainError as {@link buy}; `conflict` when the product is not in the cart
   */
  async payLine(userId: number, productId: number, channel: WalletChannel): Promise<Purchase> {
    return this.transactions.run(async (tx) => {
      await this.wallet.lock(tx, userId, channel);
      const [order] = await this.placement.placeFromCartIn(tx, userId, { productIds: [productId], ...TERMS });
      return { orderId: order.id, paymentId: await this.wallet.payPlaced(tx, userId, [order], channel) };
    });
  }

  /** {@link payLine} for the whole cart, line by line in cart order, each by itself. */
  async payCart(ref: IdempotencyRef | null, userId: number, channel: WalletChannel): Promise<CartPurchase> {
    return this.keyed.once(ref, async () => {
      const result = { bought: [] as number[], failed: [] as number[] };
      for (const productId of await this.placement.listCartProducts(userId)) {
        const done = await this.tryLine(userId, productId, channel);
        result[done ? 'bought' : 'failed'].push(productId);
      }
      return result;
    });
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
