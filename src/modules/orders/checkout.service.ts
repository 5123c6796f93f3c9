import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { groupBy } from '../../common/group-by.js';
import { fen, MAX_FEN, type Fen } from '../../common/money.js';
import { grouped } from '../../database/grouped.js';
import { Idempotency } from '../../database/idempotency.js';
import { granted, outcomeOf, valueOf, withResults, type Outcome } from '../../common/outcome.js';
import { tableOf } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { CartService, type CartLineForSale, type LineForSale, type LineKey } from '../cart/cart.service.js';
import type { SaleLine } from '../products/product.js';
import { ProductsService } from '../products/products.service.js';
import { OrderItem } from './order-item.entity.js';
import { OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';
import { Shelf } from './shelf.js';
import { UnpaidPieces } from './unpaid-pieces.js';
import { MAX_ORDER_ITEMS, type PayableOrder, type Recipient } from './order.js';

export interface CheckoutLine {
  readonly productId: number;
  /** 1 to 9999; lines of one product add up. */
  readonly count: number;
}

export interface CheckoutTerms {
  /** On each of the orders, in full. */
  readonly freight: Fen;
  readonly recipient: Recipient;
  readonly message: string;
}

export interface CartCheckout extends CheckoutTerms {
  /** Repeated ids count once. */
  readonly productIds: readonly number[];
}

interface CartOrder {
  readonly buyerId: number;
  readonly checkout: CartCheckout;
}

/** What a checkout is about to make. */
interface Basket {
  readonly bought: readonly LineForSale[];
  /** The lines of each order. */
  readonly parts: readonly (readonly LineForSale[])[];
  readonly drafts: readonly OrderDraft[];
}

/** What a checkout has made; stored under its idempotency key. */
export interface Checkout {
  readonly orderIds: readonly number[];
}

const ORDERS = tableOf(Order);
const ITEMS = tableOf(OrderItem);

/**
 * Turns a cart, or lines without one, into orders: one for each merchant, stock taken, all or nothing.
 * HOT PATH: in a sale everybody checks out at once (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class CheckoutService {
  private readonly placeTogether: (order: CartOrder) => Promise<PayableOrder[]>;

  constructor(
    private readonly cart: CartService,
    private readonly products: ProductsService,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
    private readonly unpaid: UnpaidPieces,
    transactions: Transactions,
  ) {
    this.placeTogether = grouped(transactions, {
      sizeOf: ({ checkout }) => checkout.productIds.length,
      work: (tx, orders) => this.placeCarts(tx, orders, this.unpaid),
    });
  }

  /**
   * {@link placeCart} as a use case of its own; those of one moment without a key share a transaction.
   * @throws DomainError as {@link placeCart}, and `conflict` when the buyer would have more unpaid pieces than one may
   */
  async checkOutCart(ref: IdempotencyRef | null, buyerId: number, checkout: CartCheckout): Promise<Checkout> {
    if (!ref) return checkoutOf(await this.placeTogether({ buyerId, checkout }));
    return this.idempotency.once(ref, async (tx) => {
      const [outcome] = await this.placeCarts(tx, [{ buyerId, checkout }], this.unpaid);
      return checkoutOf(valueOf(outcome));
    });
  }

  /** {@link place} as a use case of its own; raises as {@link checkOutCart} does. */
  async checkOutProducts(
    ref: IdempotencyRef | null,
    buyerId: number,
    lines: readonly CheckoutLine[],
    terms: CheckoutTerms,
  ): Promise<Checkout> {
    return this.idempotency.once(ref, async (tx) => {
      const wanted = lines.map(({ count }) => ({ userId: buyerId, count }));
      const unpaid = await this.unpaid.tally(tx, wanted);
      const orders = await this.place(tx, buyerId, lines, terms);
      unpaid.refuseBeyond(buyerId, lines);
      return checkoutOf(orders);
    });
  }

  /**
   * Orders the cart's pieces of these products, like {@link place}; the lines leave the cart. For who pays in the same transaction.
   * @throws DomainError `conflict` when a product is not in the cart, otherwise as {@link place}
   */
  async placeCart(tx: Tx, buyerId: number, checkout: CartCheckout): Promise<PayableOrder[]> {
    const [outcome] = await this.placeCarts(tx, [{ buyerId, checkout }], null);
    return valueOf(outcome);
  }

  /**
   * Orders these lines, whatever is in the cart; for who pays in the same transaction. Returns one order for each merchant, in
   * order of first appearance.
   * @throws DomainError `not_found` for an unknown product; `conflict` when one is not on sale or out of stock; `invalid`
   *   beyond 9999 pieces of one product or 100 products of one merchant, and when a total is beyond 2^31 - 1 fen
   */
  async place(tx: Tx, buyerId: number, lines: readonly CheckoutLine[], terms: CheckoutTerms): Promise<PayableOrder[]> {
    const bought = await this.read(tx, lines);
    const [orders] = await this.write(tx, [this.basketOf(buyerId, bought, terms, new Shelf())]);
    return orders;
  }

  /** `unpaid` is null where the orders are paid at once. */
  private async placeCarts(
    tx: Tx,
    orders: readonly CartOrder[],
    unpaid: UnpaidPieces | null,
  ): Promise<Outcome<PayableOrder[]>[]> {
    const found = await this.cart.readForSale(tx, orders.flatMap(lineKeys));
    const lines = new Map(found.map((line) => [keyOf(line.userId, line.product.id), line]));
    const tally = unpaid && (await unpaid.tally(tx, found));
    const shelf = new Shelf();
    const taken: CartLineForSale[] = [];
    const outcomes = orders.map(({ buyerId, checkout: { productIds, ...terms } }) =>
      outcomeOf(() => {
        const keys = [...new Set(productIds)].map((productId) => keyOf(buyerId, productId));
        const bought = keys.map((key) => lines.get(key) ?? refuseMissing());
        tally?.refuseBeyond(buyerId, bought);
        const basket = this.basketOf(buyerId, bought, terms, shelf);
        tally?.add(buyerId, bought);
        for (const key of keys) lines.delete(key);
        taken.push(...bought);
        return basket;
      }),
    );
    if (taken.length > 0) await this.cart.takeLines(tx, taken);
    return withResults(outcomes, await this.write(tx, granted(outcomes)));
  }

  /** @throws DomainError as {@link place} */
  private basketOf(buyerId: number, bought: readonly LineForSale[], terms: CheckoutTerms, shelf: Shelf): Basket {
    shelf.refuseUnsaleable(bought);
    const parts = [...groupBy(bought, ({ product }) => product.ownerId).values()];
    const shared = { checkoutId: randomInt(1, 2 ** 48 - 1), buyerId, now: this.clock.now() };
    const drafts = parts.map((part) => orderDraft(part, terms, shared));
    shelf.take(bought);
    return { bought, parts, drafts };
  }

  /** Those of all baskets in the statements of one. */
  private async write(tx: Tx, baskets: readonly Basket[]): Promise<PayableOrder[][]> {
    if (baskets.length === 0) return [];
    const ids = await tx.insert(
      ORDERS,
      baskets.flatMap(({ drafts }) => drafts),
    );
    const parts = baskets.flatMap((basket) => basket.parts);
    await tx.insert(
      ITEMS,
      parts.flatMap((part, index) => part.map((line) => itemDraft(ids[index], line))),
    );
    // Last, because every other buyer of these products waits from here to the commit.
    await this.products.takeStock(tx, baskets.flatMap(({ bought }) => bought).map(saleLineOf));
    const next = ids.values();
    return baskets.map(({ drafts }) => drafts.map((draft) => ({ ...draft, id: next.next().value!, channel: null })));
  }

  /** Each product once, in order of first appearance. */
  private async read(tx: Tx, lines: readonly CheckoutLine[]): Promise<LineForSale[]> {
    const counts = new Map<number, number>();
    for (const { productId, count } of lines) counts.set(productId, (counts.get(productId) ?? 0) + count);
    const products = await this.products.readForSale(tx, [...counts.keys()]);
    return [...counts].map(([productId, count]) => {
      const product = products.get(productId);
      if (!product) throw notFound('product');
      return { product, count };
    });
  }
}

function keyOf(userId: number, productId: number): string {
  return `${userId} ${productId}`;
}

function lineKeys({ buyerId: userId, checkout }: CartOrder): LineKey[] {
  return checkout.productIds.map((productId) => ({ userId, productId }));
}

function refuseMissing(): never {
  throw new DomainError('conflict', 'a product is not in the cart');
}

function saleLineOf({ product, count }: LineForSale): SaleLine {
  return { productId: product.id, count, snapshotId: product.snapshotId };
}

function checkoutOf(orders: readonly PayableOrder[]): Checkout {
  return { orderIds: orders.map((order) => order.id) };
}

/** What the id and the times of what is still to come complete. */
type OrderDraft = Omit<Order, 'id' | 'channel' | 'paidAt' | 'verifiedAt' | 'closedAt'>;

function orderDraft(
  part: readonly LineForSale[],
  { freight, recipient, message }: CheckoutTerms,
  { checkoutId, buyerId, now }: { checkoutId: number; buyerId: number; now: number },
): OrderDraft {
  if (part.length > MAX_ORDER_ITEMS)
    throw new DomainError('invalid', `at most ${MAX_ORDER_ITEMS} products in one order`);
  const first = part[0].product;
  const goods = fen(part.reduce((sum, { product, count }) => sum + product.price * count, 0));
  if (goods + freight > MAX_FEN) throw new DomainError('invalid', 'the total is too large');
  return {
    checkoutId,
    buyerId,
    merchantId: first.ownerId,
    status: OrderStatus.pendingPayment,
    statusSince: now,
    goods,
    freight,
    discount: fen(0),
    total: fen(goods + freight),
    firstTitle: first.title,
    firstProductId: first.id,
    recipientName: recipient.name,
    recipientPhone: recipient.phone,
    recipientAddress: recipient.address,
    message,
    shopMessage: '',
    trackingNumbers: [],
    hiddenFromBuyer: false,
    createdAt: now,
    updatedAt: now,
  };
}

function itemDraft(orderId: number, { product, count }: LineForSale): Omit<OrderItem, 'id'> {
  return {
    orderId,
    productId: product.id,
    snapshotId: product.snapshotId,
    price: product.price,
    count,
    reviewed: false,
  };
}
