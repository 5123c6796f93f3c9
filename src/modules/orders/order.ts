import type { Order } from './order.entity.js';
import type { OrderRole } from './order-status.js';

/** Who changes an order; the user is null for `system`. */
export interface Actor {
  readonly kind: OrderRole;
  readonly userId: number | null;
}

export const SYSTEM: Actor = { kind: 'system', userId: null };

/** In whose name an order changes, and why: what its history keeps. */
export interface ChangeReason {
  readonly actor: Actor;
  readonly reason: string;
}

/** Products of one order; older orders may have more. */
export const MAX_ORDER_ITEMS = 100;

export interface Recipient {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
}

export const PAYABLE_FIELDS = [
  'id',
  'checkoutId',
  'buyerId',
  'merchantId',
  'status',
  'total',
  'channel',
  'firstTitle',
  'firstProductId',
  'hiddenFromBuyer',
] as const satisfies readonly (keyof Order)[];

/** What a payment needs to know of an order. */
export type PayableOrder = Readonly<Pick<Order, (typeof PAYABLE_FIELDS)[number]>>;
