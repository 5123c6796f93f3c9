import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { And, In, IsNull, LessThan, LessThanOrEqual, MoreThanOrEqual, Not, type Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import type { Fen } from '../../../common/money.js';
import { padded, placeholders } from '../../../database/sql.js';
import { tableOf, type Stored } from '../../../database/table.js';
import type { Tx } from '../../../database/transactions.js';
import { CheckSchedule } from './check-schedule.js';
import { REFUND_TRANSITIONS, sourcesOf, type RefundStatus } from './payment-status.js';
import { Refund } from './refund.entity.js';

export type RefundDraft = Omit<
  Refund,
  'id' | 'ledgerId' | 'nextCheckAt' | 'checks' | 'finishedAt' | 'createdAt' | 'updatedAt' | 'status'
> & { readonly status: 'pending' | 'presumed' | 'succeeded' };

/** One order's part of a refund. */
export interface RefundPart {
  readonly orderId: number;
  readonly amount: Fen;
}

const REFUNDS = tableOf(Refund);
const SELECT_PRESUMED = `SELECT ${REFUNDS.select()} FROM refunds WHERE payment_id = ? AND status = 'presumed'`;
const RESERVE_SHARE =
  'UPDATE payment_orders SET reserved = reserved + ? WHERE payment_id = ? AND order_id = ? AND reserved + ? <= amount';

/** The rows of refunds, and what they take from their payments: guarded updates, as prepared statements. */
@Injectable()
export class RefundStore {
  constructor(
    @InjectRepository(Refund) private readonly refunds: Repository<Refund>,
    private readonly schedule: CheckSchedule,
    private readonly clock: Clock,
  ) {}

  find(id: number): Promise<Refund | null> {
    return this.refunds.findOneBy({ id });
  }

  findByOutRefundNo(outRefundNo: string): Promise<Refund | null> {
    return this.refunds.findOneBy({ outRefundNo });
  }

  /** Refunds that go through WeChat, have no final answer yet and are due, the longest due first. */
  listDue(limit: number): Promise<Refund[]> {
    return this.refunds.find({
      where: {
        status: In<RefundStatus>(['pending', 'processing', 'abnormal']),
        nextCheckAt: LessThanOrEqual(this.clock.now()),
      },
      order: { nextCheckAt: 'ASC' },
      take: limit,
    });
  }

  /** Refunds through WeChat that were asked for in `[from, to)`. */
  listCreated(from: number, to: number): Promise<Refund[]> {
    return this.refunds.findBy({ createdAt: And(MoreThanOrEqual(from), LessThan(to)), outRefundNo: Not(IsNull()) });
  }

  /** A pending one comes up for the job: an automatic one at once, because nobody waits for it. Returns its id. */
  async insert(tx: Tx, draft: RefundDraft): Promise<number> {
    const now = this.clock.now();
    const first = draft.origin === 'automatic' ? now : this.schedule.next(0);
    const ended = { nextCheckAt: null, finishedAt: draft.status === 'succeeded' ? now : null };
    const due = draft.status === 'pending' ? { nextCheckAt: first, finishedAt: null } : ended;
    const [id] = await tx.insert(REFUNDS, [{ ...draft, ...due, checks: 0, createdAt: now, updatedAt: now }]);
    return id;
  }

  async linkLedger(tx: Tx, id: number, ledgerId: number): Promise<void> {
    await tx.execute('UPDATE refunds SET ledger_id = ? WHERE id = ?', [ledgerId, id]);
  }

  /** False when the state machine does not allow it from where the row is now. */
  async move(tx: Tx, id: number, to: RefundStatus): Promise<boolean> {
    const from = padded(sourcesOf(REFUND_TRANSITIONS, to));
    const now = this.clock.now();
    const final = REFUND_TRANSITIONS[to].length === 0;
    const end = final ? { finishedAt: now, nextCheckAt: null } : {};
    const { sql, params } = REFUNDS.assign({ status: to, updatedAt: now, ...end });
    const { affected } = await tx.execute(
      `UPDATE refunds SET ${sql} WHERE id = ? AND status IN (${placeholders(from.length)})`,
      [...params, id, ...from],
    );
    return affected === 1;
  }

  /** What is presumed of the payment, locked; null when nothing is. */
  async lockPresumed(tx: Tx, paymentId: number): Promise<Refund | null> {
    const { rows } = await tx.execute<Stored<Refund>>(SELECT_PRESUMED + tx.sql.forUpdate, [paymentId]);
    return REFUNDS.rows(rows)[0] ?? null;
  }

  /** It was as presumed, and this is its number. */
  async confirm(tx: Tx, id: number, outRefundNo: string): Promise<void> {
    if (!(await this.move(tx, id, 'succeeded'))) throw new Error(`refund ${id} is presumed no more`);
    await tx.execute('UPDATE refunds SET out_refund_no = ? WHERE id = ?', [outRefundNo, id]);
  }

  /** Counts one more check, and sets the time of the next. */
  async scheduleCheck(tx: Tx, { id, checks }: Refund): Promise<void> {
    await tx.execute('UPDATE refunds SET next_check_at = ?, checks = checks + 1 WHERE id = ? AND finished_at IS NULL', [
      this.schedule.next(checks + 1),
      id,
    ]);
  }

  /** Sets `amount` of the payment, and of one order's share, aside; false when less than that is left. */
  async reserve(tx: Tx, paymentId: number, orderId: number | null, amount: Fen): Promise<boolean> {
    const whole = 'UPDATE payments SET reserved = reserved + ? WHERE id = ? AND reserved + ? <= amount';
    const { affected } = await tx.execute(whole, [amount, paymentId, amount]);
    if (affected === 0 || orderId === null) return affected === 1;
    return (await tx.execute(RESERVE_SHARE, [amount, paymentId, orderId, amount])).affected === 1;
  }

  /** For money that is gone already: as much as is left, without a refusal. */
  async reserveExternal(tx: Tx, paymentId: number, amount: Fen, parts: readonly RefundPart[]): Promise<void> {
    await tx.execute(
      'UPDATE payments SET reserved = CASE WHEN reserved + ? > amount THEN amount ELSE reserved + ? END WHERE id = ?',
      [amount, amount, paymentId],
    );
    for (const part of parts) await tx.execute(RESERVE_SHARE, [part.amount, paymentId, part.orderId, part.amount]);
  }

  async release(tx: Tx, { paymentId, orderId, amount }: Refund): Promise<void> {
    await tx.execute('UPDATE payments SET reserved = reserved - ? WHERE id = ?', [amount, paymentId]);
    const share = 'UPDATE payment_orders SET reserved = reserved - ? WHERE payment_id = ? AND order_id = ?';
    if (orderId !== null) await tx.execute(share, [amount, paymentId, orderId]);
  }

  /** What was counted of a presumed refund, which was of the whole payment: its shares pay no order any more. */
  async uncountPresumed(tx: Tx, { paymentId, amount }: Refund): Promise<void> {
    await tx.execute('UPDATE payments SET reserved = reserved - ?, refunded = refunded - ? WHERE id = ?', [
      amount,
      amount,
      paymentId,
    ]);
    await tx.execute(
      'UPDATE payment_orders SET reserved = reserved - amount, refunded = refunded - amount, applied = 0 WHERE payment_id = ? AND amount > 0',
      [paymentId],
    );
  }

  /** Counts what has really gone back. */
  async countRefunded(tx: Tx, paymentId: number, amount: Fen, parts: readonly RefundPart[]): Promise<void> {
    const whole = 'UPDATE payments SET refunded = refunded + ?, updated_at = ? WHERE id = ?';
    const share = 'UPDATE payment_orders SET refunded = refunded + ? WHERE payment_id = ? AND order_id = ?';
    await tx.execute(whole, [amount, this.clock.now(), paymentId]);
    for (const part of parts) await tx.execute(share, [part.amount, paymentId, part.orderId]);
  }
}
