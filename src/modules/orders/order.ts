import type { Fen } from '../../common/money.js';
import type { OrderRole, OrderStatus } from './order-status.js';

/** `mixed`: coupon and balance; `offline`: money received outside the mall, as the merchant says. */
export type PaymentChannel = 'wechat' | 'balance' | 'coupon' | 'mixed' | 'offline';

/** Who changes an order; the user is null for `system`. */
export interface Actor {
  readonly kind: OrderRole;
  readonly userId: number | null;
}

export const SYSTEM: Actor = { kind: 'system', userId: null };

export interface Recipient {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
}

/** Times in milliseconds. */
export interface OrderHead {
  readonly id: number;
  readonly checkoutId: number;
  readonly buyerId: number;
  readonly merchantId: number;
  readonly status: OrderStatus;
  readonly goods: Fen;
  readonly freight: Fen;
  readonly discount: Fen;
  /** goods + freight - discount. */
  readonly total: Fen;
  readonly channel: PaymentChannel | null;
  readonly firstTitle: string;
  readonly firstProductId: number;
  readonly recipientName: string;
  readonly recipientPhone: string;
  readonly recipientAddress: string;
  readonly message: string;
  readonly shopMessage: string;
  readonly trackingNumbers: readonly string[];
  readonly hiddenFromBuyer: boolean;
  readonly createdAt: number;
  readonly paidAt: number | null;
  readonly verifiedAt: number | null;
  readonly closedAt: number | null;
  readonly updatedAt: number;
}

export interface OrderItem {
  readonly id: number;
  readonly orderId: number;
  readonly productId: number;
  readonly snapshotId: number;
  /** For one piece, as bought. */
  readonly price: Fen;
  readonly count: number;
  readonly reviewed: boolean;
}

export interface Order extends OrderHead {
  readonly items: readonly OrderItem[];
}

/** What a payment needs to know of an order. */
export interface PayableOrder {
  readonly id: number;
  readonly checkoutId: number;
  readonly buyerId: number;
  readonly merchantId: number;
  readonly status: OrderStatus;
  readonly total: Fen;
  readonly channel: PaymentChannel | null;
  readonly firstTitle: string;
  readonly firstProductId: number;
  readonly hiddenFromBuyer: boolean;
}
