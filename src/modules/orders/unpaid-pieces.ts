import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { padded, placeholders } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

interface Pieces {
  readonly count: number;
}

interface WantedPieces extends Pieces {
  readonly userId: number;
}

type UnpaidRow = Pick<Order, 'buyerId'> & { readonly pieces: number | string };

const MAX_BUYERS = 20_000;
/** Who has ordered less than this part of the limit at this instance lately is not counted: most buyers cost no statement. */
const UNCOUNTED = 0.1;
const UNPAID =
  `SELECT ${tableOf(Order).select(['buyerId'], 'o')}, SUM(i.count) AS pieces FROM orders o JOIN order_items i ON i.order_id = o.id ` +
  'WHERE o.hidden_from_buyer = 0 AND o.status = ? AND o.buyer_id';

/** How many pieces a buyer has ordered and not paid: their stock is taken until the orders close (docs/security.md 2.10). */
@Injectable()
export class UnpaidPieces {
  private readonly most: number;
  /** Pieces that each buyer has wanted here since before an unpaid order closes, or a little longer. */
  private readonly lately: LRUCache<number, number>;

  constructor(config: Config) {
    this.most = config.unpaidPiecesPerBuyer;
    this.lately = new LRUCache({ max: MAX_BUYERS, ttl: config.orderPaymentTimeout * 1000 });
  }

  /** For checkouts that are about to be put together in `tx`. */
  async tally(tx: Tx, wanted: readonly WantedPieces[]): Promise<UnpaidTally> {
    const heavy = new Set<number>();
    for (const { userId, count } of wanted) {
      const pieces = (this.lately.get(userId) ?? 0) + count;
      this.lately.set(userId, pieces);
      if (pieces > this.most * UNCOUNTED) heavy.add(userId);
    }
    return new UnpaidTally(this.most, heavy.size === 0 ? new Map() : await countUnpaid(tx, [...heavy]));
  }
}

/** The buyers' unpaid pieces while several checkouts are put together. */
export class UnpaidTally {
  constructor(
    private readonly most: number,
    private readonly pieces: Map<number, number>,
  ) {}

  /** @throws DomainError `conflict` */
  refuseBeyond(buyerId: number, lines: readonly Pieces[]): void {
    if ((this.pieces.get(buyerId) ?? 0) + sumOf(lines) <= this.most) return;
    throw new DomainError('conflict', `at most ${this.most} unpaid pieces: pay or cancel an order first`);
  }

  add(buyerId: number, lines: readonly Pieces[]): void {
    this.pieces.set(buyerId, (this.pieces.get(buyerId) ?? 0) + sumOf(lines));
  }
}

async function countUnpaid(tx: Tx, buyerIds: readonly number[]): Promise<Map<number, number>> {
  const asked = padded(buyerIds);
  const sql = `${UNPAID} IN (${placeholders(asked.length)}) GROUP BY o.buyer_id`;
  const { rows } = await tx.execute<UnpaidRow>(sql, [OrderStatus.pendingPayment, ...asked]);
  return new Map(rows.map(({ buyerId, pieces }) => [buyerId, Number(pieces)]));
}

function sumOf(lines: readonly Pieces[]): number {
  return lines.reduce((sum, { count }) => sum + count, 0);
}
