import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { fen } from '../../../common/money.js';
import { Idempotency } from '../../../database/idempotency.js';
import type { Tx } from '../../../database/transactions.js';
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

  /**
   * {@link payLine} for the whole cart, line by line in cart order, each by itself. Under a key the lines of the first try stand,
   * and each keeps what came of it in its own transaction: a repeat after any fault goes on with the others, and tells the same.
   */
  async payCart(ref: IdempotencyRef | null, userId: number, channel: WalletChannel): Promise<CartPurchase> {
    const { id, productIds } = await this.idempotency.once(ref, () => this.linesOf(userId));
    const result = { bought: [] as number[], failed: [] as number[] };
    for (const productId of productIds) {
      const line = ref && partOf(ref, `${id} ${productId}`);
      const done = await this.tryLine(line, userId, productId, channel);
      result[done ? 'bought' : 'failed'].push(productId);
      if (ref && !line?.replayed) ref.replayed = false;
    }
    return result;
  }

  private async linesOf(userId: number): Promise<CartLines> {
    const lines = await this.cart.lines(userId);
    return { id: randomUUID(), productIds: lines.map(({ productId }) => productId) };
  }

  /** Buys all pieces of a product in the cart, price times count, like {@link buy}; the line leaves the cart with it. */
  private async payLine(tx: Tx, userId: number, productId: number, channel: WalletChannel): Promise<true> {
    const line = { productIds: [productId], ...TERMS };
    await this.wallet.payPlaced(tx, userId, channel, () => this.checkout.placeCart(tx, userId, line));
    return true;
  }

  /** False when the line was refused, which under a key is kept too. */
  private async tryLine(
    ref: IdempotencyRef | null,
    userId: number,
    productId: number,
    channel: WalletChannel,
  ): Promise<boolean> {
    try {
      return await this.idempotency.once<boolean>(ref, (tx) => this.payLine(tx, userId, productId, channel));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'unavailable') throw error;
    }
    return ref !== null && this.idempotency.once(ref, () => Promise.resolve(false));
  }
}

/** The lines that a cart payment is about. */
interface CartLines {
  /** Of this payment: what its lines have come to is kept under it. */
  readonly id: string;
  readonly productIds: readonly number[];
}

/** A key of its own for one step of what is done under `ref`; no caller's key has a space. */
function partOf({ scope, key, hash }: IdempotencyRef, name: string): IdempotencyRef {
  return { scope, key: `${key} ${name}`, hash, replayed: false };
}
