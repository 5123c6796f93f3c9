import type { OrderHead, OrderItem, PayableOrder } from './order.js';

/** Columns of a {@link PayableOrder}. */
export const PAYABLE_COLUMNS =
  'id, checkout_id AS checkoutId, buyer_id AS buyerId, merchant_id AS merchantId, status, total, channel, ' +
  'first_title AS firstTitle, first_product_id AS firstProductId, hidden_from_buyer AS hiddenFromBuyer';

/** Columns of an {@link OrderHead}. */
export const HEAD_COLUMNS =
  `${PAYABLE_COLUMNS}, goods, freight, discount, recipient_name AS recipientName, recipient_phone AS recipientPhone, ` +
  'recipient_address AS recipientAddress, message, shop_message AS shopMessage, tracking_numbers AS trackingNumbers, ' +
  'created_at AS createdAt, paid_at AS paidAt, verified_at AS verifiedAt, closed_at AS closedAt, updated_at AS updatedAt';

export const ITEM_COLUMNS =
  'id, order_id AS orderId, product_id AS productId, snapshot_id AS snapshotId, price, count, reviewed';

/** As the drivers answer them: flags are 0 and 1, tracking numbers are JSON. */
type Stored<T> = {
  readonly [K in keyof T]: K extends 'hiddenFromBuyer' | 'reviewed'
    ? number
    : K extends 'trackingNumbers'
      ? string
      : T[K];
};

export type PayableRow = Stored<PayableOrder>;
export type HeadRow = Stored<OrderHead>;
export type ItemRow = Stored<OrderItem>;

export function toPayable(row: PayableRow): PayableOrder {
  return { ...row, hiddenFromBuyer: row.hiddenFromBuyer === 1 };
}

export function toHead(row: HeadRow): OrderHead {
  return {
    ...row,
    hiddenFromBuyer: row.hiddenFromBuyer === 1,
    trackingNumbers: JSON.parse(row.trackingNumbers) as string[],
  };
}

export function toItem(row: ItemRow): OrderItem {
  return { ...row, reviewed: row.reviewed === 1 };
}
