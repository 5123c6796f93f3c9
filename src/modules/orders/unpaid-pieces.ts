import { DomainError } from '../../common/domain-error.js';
import { OrderStatus } from './order-status.js';

interface Pieces {
  readonly count: number;
}

/** SQL: how many pieces the buyer has ordered and not paid. Their stock is taken until the orders close. */
export function unpaidPiecesOf(buyer: string): string {
  return (
    '(SELECT COALESCE(SUM(i.count), 0) FROM orders o JOIN order_items i ON i.order_id = o.id ' +
    `WHERE o.buyer_id = ${buyer} AND o.hidden_from_buyer = 0 AND o.status = '${OrderStatus.pendingPayment}')`
  );
}

/** The buyers' unpaid pieces while several checkouts are put together; the database knows those of before. */
export class UnpaidPieces {
  private readonly pieces = new Map<number, number>();

  constructor(private readonly most: number) {}

  /** @throws DomainError `conflict`; `before` are the buyer's pieces in the database */
  refuseBeyond(buyerId: number, before: number, lines: readonly Pieces[]): void {
    const unpaid = (this.pieces.get(buyerId) ?? before) + sumOf(lines);
    if (unpaid > this.most) {
      throw new DomainError('conflict', `at most ${this.most} unpaid pieces: pay or cancel an order first`);
    }
  }

  add(buyerId: number, before: number, lines: readonly Pieces[]): void {
    this.pieces.set(buyerId, (this.pieces.get(buyerId) ?? before) + sumOf(lines));
  }
}

function sumOf(lines: readonly Pieces[]): number {
  return lines.reduce((sum, { count }) => sum + count, 0);
}
