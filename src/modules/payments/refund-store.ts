import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Fen } from '../../common/money.js';
import { Database } from '../../database/database.js';
import { placeholders } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { REFUND_TRANSITIONS, sourcesOf, type RefundStatus } from './payment-status.js';

export type RefundOrigin = 'request' | 'automatic' | 'external';

/** Times in milliseconds. See `refund.entity.ts` for what the fields mean. */
export interface Refund {
  readonly id: number;
  readonly paymentId: number;
  readonly orderId: number | null;
  readonly origin: RefundOrigin;
  readonly userId: number | null;
  readonly status: RefundStatus;
  readonly amount: Fen;
  readonly coupon: Fen;
  readonly outRefundNo: string | null;
  readonly parameters: string | null;
  readonly reason: string;
  /** The ledger transaction that took the money. */
  readonly ledgerId: number | null;
  readonly checks: number;
  readonly createdAt: number;
}

export type RefundDraft = Pick<
  Refund,
  | 'paymentId'
  | 'orderId'
  | 'origin'
  | 'userId'
  | 'status'
  | 'amount'
  | 'coupon'
  | 'outRefundNo'
  | 'parameters'
  | 'reason'
> & { readonly nextCheckAt: number | null };

const COLUMNS =
  'id, payment_id AS paymentId, order_id AS orderId, origin, user_id AS userId, status, amount, coupon, ' +
  'out_refund_no AS outRefundNo, parameters, reason, ledger_id AS ledgerId, checks, created_at AS createdAt';
const INSERT_COLUMNS = [
  'payment_id',
  'order_id',
  'origin',
  'user_id',
  'status',
  'amount',
  'coupon',
  'out_refund_no',
  'parameters',
  'reason',
  'next_check_at',
  'checks',
  'finished_at',
  'created_at',
  'updated_at',
] as const;

/** The rows of refunds, and what they take from their payments. */
@Injectable()
export class RefundStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async find(id: number): Promise<Refund | null> {
    return this.database.readOne<Refund>(`SELECT ${COLUMNS} FROM refunds WHERE id = ?`, [id]);
  }

  async findByOutRefundNo(outRefundNo: string): Promise<Refund | null> {
    return this.database.readOne<Refund>(`SELECT ${COLUMNS} FROM refunds WHERE out_refund_no = ?`, [outRefundNo]);
  }

  /** Refunds that go through WeChat and have no final answer yet. */
  async listDue(limit: number): Promise<Refund[]> {
    return this.database.read<Refund>(
      `SELECT ${COLUMNS} FROM refunds WHERE status IN ('pending', 'processing', 'abnormal') AND next_check_at <= ?
       ORDER BY next_check_at LIMIT ${limit}`,
      [this.clock.now()],
    );
  }

  /** Refunds through WeChat that were asked for in `[from, to)`. */
  async listCreated(from: number, to: number): Promise<Refund[]> {
    return this.database.read<Refund>(
      `SELECT ${COLUMNS} FROM refunds WHERE created_at >= ? AND created_at < ? AND out_refund_no IS NOT NULL`,
      [from, to],
    );
  }

  async insert(tx: Tx, draft: RefundDraft): Promise<number> {
    const now = this.clock.now();
    const done = draft.status === 'succeeded';
    const [id] = await tx.insertMany('refunds', INSERT_COLUMNS, [
      [
        draft.paymentId,
        draft.orderId,
        draft.origin,
        draft.userId,
        draft.status,
        draft.amount,
        draft.coupon,
        draft.outRefundNo,
        draft.parameters,
        draft.reason,
        draft.nextCheckAt,
        0,
        done ? now : null,
        now,
        now,
      ],
    ]);
    return id;
  }

  async linkLedger(tx: Tx, id: number, ledgerId: number): Promise<void> {
    await tx.execute('UPDATE refunds SET ledger_id = ? WHERE id = ?', [ledgerId, id]);
  }

  /** False when the state machine does not allow it from where the row is now. */
  async move(tx: Tx, id: number, to: RefundStatus): Promise<boolean> {
    const from = sourcesOf(REFUND_TRANSITIONS, to);
    const now = this.clock.now();
    const final = REFUND_TRANSITIONS[to].length === 0;
    const { affected } = await tx.execute(
      `UPDATE refunds SET status = ?, updated_at = ?${final ? ', finished_at = ?, next_check_at = NULL' : ''}
       WHERE id = ? AND status IN (${placeholders(from.length)})`,
      [to, now, ...(final ? [now] : []), id, ...from],
    );
    return affected === 1;
  }

  async schedule(tx: Tx, id: number, nextCheckAt: number): Promise<void> {
    await tx.execute('UPDATE refunds SET next_check_at = ?, checks = checks + 1 WHERE id = ? AND finished_at IS NULL', [
      nextCheckAt,
      id,
    ]);
  }

  /** Sets `amount` of the payment, and of one order's share, aside; false when less than that is left. */
  async reserve(tx: Tx, paymentId: number, orderId: number | null, amount: number): Promise<boolean> {
    const guard = 'reserved = reserved + ? WHERE';
    const whole = await tx.execute(`UPDATE payments SET ${guard} id = ? AND reserved + ? <= amount`, [
      amount,
      paymentId,
      amount,
    ]);
    if (whole.affected === 0 || orderId === null) return whole.affected === 1;
    const share = await tx.execute(
      `UPDATE payment_orders SET ${guard} payment_id = ? AND order_id = ? AND reserved + ? <= amount`,
      [amount, paymentId, orderId, amount],
    );
    return share.affected === 1;
  }

  /** For money that is gone already: as much as is left, without a refusal. */
  async reserveExternal(
    tx: Tx,
    paymentId: number,
    amount: number,
    parts: readonly { readonly orderId: number; readonly amount: number }[],
  ): Promise<void> {
    await tx.execute(
      'UPDATE payments SET reserved = CASE WHEN reserved + ? > amount THEN amount ELSE reserved + ? END WHERE id = ?',
      [amount, amount, paymentId],
    );
    for (const part of parts) {
      await tx.execute(
        'UPDATE payment_orders SET reserved = reserved + ? WHERE payment_id = ? AND order_id = ? AND reserved + ? <= amount',
        [part.amount, paymentId, part.orderId, part.amount],
      );
    }
  }

  async release(tx: Tx, { paymentId, orderId, amount }: Refund): Promise<void> {
    await tx.execute('UPDATE payments SET reserved = reserved - ? WHERE id = ?', [amount, paymentId]);
    if (orderId === null) return;
    await tx.execute('UPDATE payment_orders SET reserved = reserved - ? WHERE payment_id = ? AND order_id = ?', [
      amount,
      paymentId,
      orderId,
    ]);
  }

  /** Counts what has really gone back; `shares` are the orders' parts of it. */
  async countRefunded(
    tx: Tx,
    paymentId: number,
    amount: number,
    shares: readonly { readonly orderId: number; readonly amount: number }[],
  ): Promise<void> {
    const now = this.clock.now();
    await tx.execute('UPDATE payments SET refunded = refunded + ?, updated_at = ? WHERE id = ?', [
      amount,
      now,
      paymentId,
    ]);
    for (const share of shares) {
      await tx.execute('UPDATE payment_orders SET refunded = refunded + ? WHERE payment_id = ? AND order_id = ?', [
        share.amount,
        paymentId,
        share.orderId,
      ]);
    }
  }
}
