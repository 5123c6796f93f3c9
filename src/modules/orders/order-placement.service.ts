import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { groupBy } from '../../common/group-by.js';
import { fen, MAX_FEN, type Fen } from '../../common/money.js';
import { Idempotency } from '../../database/idempotency.js';
import type { SqlValue } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { CartService, MAX_COUNT } from '../cart/cart.service.js';
import { ProductsService, type Product } from '../products/products.service.js';
import type { Order, OrderHead, OrderItem, Recipient } from './order.js';
import { OrderStatus } from './order-status.js';

/** A product as a purchase shows it to its buyer. */
export type OrderableProduct = Product;

export interface PlacementLine {
  readonly productId: number;
  /** 1 to 9999; lines of one product add up. */
  readonly count: number;
}

export interface PlacementTerms {
  /** On each of the orders, in full. */
  readonly freight: Fen;
  readonly recipient: Recipient;
  readonly message: string;
}

export interface Checkout {
  readonly checkoutId: number;
  /** By first appearance of their merchants among the products. */
  readonly orderIds: number[];
}

interface Bought {
  readonly product: Product;
  readonly count: number;
}

const HEAD_COLUMNS = [
  'checkout_id',
  'buyer_id',
  'merchant_id',
  'status',
  'status_since',
  'goods',
  'freight',
  'discount',
  'total',
  'first_title',
  'first_product_id',
  'recipient_name',
  'recipient_phone',
  'recipient_address',
  'message',
  'shop_message',
  'tracking_numbers',
  'hidden_from_buyer',
  'created_at',
  'updated_at',
] as const;
const ITEM_COLUMNS = ['order_id', 'product_id', 'snapshot_id', 'price', 'count', 'reviewed'] as const;

/** Turns wishes into orders: one for each merchant, stock taken, all or nothing. */
@Injectable()
export class OrderPlacement {
  constructor(
    private readonly cart: CartService,
    private readonly products: ProductsService,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  /**
   * Orders the cart's pieces of these products; repeated ids count once, the lines leave the cart.
   * @throws DomainError `conflict` when a product is not in the cart, not on sale or out of stock; `invalid` when a total
   *   is beyond 2^31 - 1 fen
   */
  async placeFromCart(
    ref: IdempotencyRef | null,
    buyerId: number,
    { productIds, ...terms }: PlacementTerms & { readonly productIds: readonly number[] },
  ): Promise<Checkout> {
    return this.idempotency.once(ref, async (tx) => {
      return checkoutOf(await this.placeFromCartIn(tx, buyerId, { productIds, ...terms }));
    });
  }

  /** {@link placeFromCart} inside a transaction, for a purchase that pays in it too. */
  async placeFromCartIn(
    tx: Tx,
    buyerId: number,
    { productIds, ...terms }: PlacementTerms & { readonly productIds: readonly number[] },
  ): Promise<Order[]> {
    const wanted = [...new Set(productIds)];
    const lines = new Map((await this.cart.findLines(tx, buyerId, wanted)).map((line) => [line.productId, line]));
    if (lines.size !== wanted.length) throw new DomainError('conflict', 'a product is not in the cart');
    await this.cart.removeLines(tx, buyerId, wanted);
    const inOrder = wanted.map((productId) => lines.get(productId)!);
    return this.placeIn(tx, buyerId, inOrder, terms);
  }

  /** Products in the buyer's cart, in the order they were added. */
  async listCartProducts(buyerId: number): Promise<number[]> {
    return (await this.cart.lines(buyerId)).map((line) => line.productId);
  }

  /** As committed now, listed or not; unknown ids are absent. */
  async findOrderable(productIds: readonly number[]): Promise<Map<number, OrderableProduct>> {
    return this.products.findMany(productIds);
  }

  /** {@link placeIn} as a use case of its own. */
  async placeLines(
    ref: IdempotencyRef | null,
    buyerId: number,
    lines: readonly PlacementLine[],
    terms: PlacementTerms,
  ): Promise<Checkout> {
    return this.idempotency.once(ref, async (tx) => checkoutOf(await this.placeIn(tx, buyerId, lines, terms)));
  }

  /**
   * Orders products without a cart, one order for each merchant in order of first appearance.
   * @throws DomainError `not_found` for an unknown product, otherwise as {@link placeFromCart}
   */
  async placeIn(tx: Tx, buyerId: number, lines: readonly PlacementLine[], terms: PlacementTerms): Promise<Order[]> {
    const bought = await this.read(tx, lines);
    const parts = [...groupBy(bought, ({ product }) => product.ownerId).values()];
    const shared = { checkoutId: randomInt(1, 2 ** 48 - 1), buyerId, now: this.clock.now() };
    const drafts = parts.map((part) => draft(part, terms, shared));
    const ids = await tx.insertMany('orders', HEAD_COLUMNS, drafts.map(headValues));
    const orderOf = parts.flatMap((part, index) => part.map((line) => ({ orderId: ids[index], ...line })));
    const itemIds = await tx.insertMany('order_items', ITEM_COLUMNS, orderOf.map(itemValues));
    // Last, because every other buyer of these products waits from here to the commit.
    await this.products.takeStock(
      tx,
      bought.map(({ product, count }) => ({ productId: product.id, count })),
    );
    const items = orderOf.map(({ orderId, product, count }, index): OrderItem => {
      const { id: productId, snapshotId, price } = product;
      return { id: itemIds[index], orderId, productId, snapshotId, price, count, reviewed: false };
    });
    return drafts.map((head, index) => {
      const id = ids[index];
      return { ...head, id, items: items.filter((item) => item.orderId === id) };
    });
  }

  /** Each product once, in order of first appearance. */
  private async read(tx: Tx, lines: readonly PlacementLine[]): Promise<Bought[]> {
    const counts = new Map<number, number>();
    for (const { productId, count } of lines) counts.set(productId, (counts.get(productId) ?? 0) + count);
    const products = await this.products.readForSale(tx, [...counts.keys()]);
    return [...counts].map(([productId, count]) => {
      const product = products.get(productId);
      if (!product) throw notFound('product');
      if (!product.listed) throw new DomainError('conflict', `product ${productId} is not on sale`);
      if (count > MAX_COUNT) throw new DomainError('invalid', `at most ${MAX_COUNT} pieces of one product`);
      if (product.stock < count) throw new DomainError('conflict', 'out of stock');
      return { product, count };
    });
  }
}

function checkoutOf(orders: readonly Order[]): Checkout {
  return { checkoutId: orders[0].checkoutId, orderIds: orders.map((order) => order.id) };
}

type HeadDraft = Omit<OrderHead, 'id'>;

function draft(
  part: readonly Bought[],
  { freight, recipient, message }: PlacementTerms,
  { checkoutId, buyerId, now }: { checkoutId: number; buyerId: number; now: number },
): HeadDraft {
  const first = part[0].product;
  const goods = fen(part.reduce((sum, { product, count }) => sum + product.price * count, 0));
  if (goods + freight > MAX_FEN) throw new DomainError('invalid', 'the total is too large');
  return {
    checkoutId,
    buyerId,
    merchantId: first.ownerId,
    status: OrderStatus.pendingPayment,
    goods,
    freight,
    discount: fen(0),
    total: fen(goods + freight),
    channel: null,
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
    paidAt: null,
    verifiedAt: null,
    closedAt: null,
    updatedAt: now,
  };
}

function headValues(head: HeadDraft): SqlValue[] {
  return [
    head.checkoutId,
    head.buyerId,
    head.merchantId,
    head.status,
    head.createdAt,
    head.goods,
    head.freight,
    head.discount,
    head.total,
    head.firstTitle,
    head.firstProductId,
    head.recipientName,
    head.recipientPhone,
    head.recipientAddress,
    head.message,
    head.shopMessage,
    '[]',
    0,
    head.createdAt,
    head.updatedAt,
  ];
}

function itemValues({ orderId, product, count }: Bought & { readonly orderId: number }): SqlValue[] {
  return [orderId, product.id, product.snapshotId, product.price, count, 0];
}
