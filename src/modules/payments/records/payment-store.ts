import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { And, LessThan, LessThanOrEqual, MoreThanOrEqual, type Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { notFound } from '../../../common/domain-error.js';
import { fen } from '../../../common/money.js';
import { Database } from '../../../database/database.js';
import { byCount, padded, placeholders } from '../../../database/sql.js';
import { tableOf, type Stored } from '../../../database/table.js';
import type { Tx } from '../../../database/transactions.js';
import type { Cancellation } from '../../orders/open-payments.js';
import { CheckSchedule } from './check-schedule.js';
import { PaymentOrder } from './payment-order.entity.js';
import { PAYMENT_TRANSITIONS, sourcesOf, type PaymentStatus } from './payment-status.js';
import { Payment } from './payment.entity.js';

export type PaymentDraft = Pick<Payment, 'kind' | 'userId' | 'channel' | 'status' | 'amount'> &
  Partial<Pick<Payment, 'outTradeNo' | 'tradeType' | 'appId' | 'openid' | 'parameters' | 'expiresAt' | 'capturedAt'>>;

export type ShareDraft = Pick<
  PaymentOrder,
  'orderId' | 'merchantId' | 'productId' | 'name' | 'amount' | 'coupon' | 'applied'
>;

const NOTHING_BACK = { reserved: fen(0), refunded: fen(0) };

const PAYMENTS = tableOf(Payment);
const SHARES = tableOf(PaymentOrder);
const SELECT = `SELECT ${PAYMENTS.select()} FROM payments`;
/** In the order in which their merchants' accounts are locked. */
const SELECT_SHARES = `SELECT ${SHARES.select()} FROM payment_orders WHERE payment_id = ? ORDER BY merchant_id, order_id`;
const OPEN_ORDERS = byCount(
  (count) =>
    'SELECT s.order_id AS id FROM payment_orders s JOIN payments p ON p.id = s.payment_id ' +
    `WHERE p.status = 'pending' AND s.order_id IN (${placeholders(count)})`,
);
const OPEN_FOR = byCount(
  (count) =>
    `${SELECT} WHERE status = 'pending' AND id IN ` +
    `(SELECT payment_id FROM payment_orders WHERE order_id IN (${placeholders(count)})) ORDER BY id`,
);
const OPEN_RECHARGES = `SELECT ${PAYMENTS.select(undefined, 'p')} FROM recharges r JOIN payments p ON p.id = r.payment_id
  WHERE r.user_id = ? AND r.item_id = ? AND p.status = 'pending' ORDER BY p.id DESC LIMIT 5`;

/** The rows of payments and of their orders' shares. Prepared statements wherever a payer or a notification waits. */
@Injectable()
export class PaymentStore {
  constructor(
    private readonly database: Database,
    @InjectRepository(Payment) private readonly payments: Repository<Payment>,
    @InjectRepository(PaymentOrder) private readonly paymentOrders: Repository<PaymentOrder>,
    private readonly schedule: CheckSchedule,
    private readonly clock: Clock,
  ) {}

  async find(id: number): Promise<Payment | null> {
    return (await this.read(`${SELECT} WHERE id = ?`, [id]))[0] ?? null;
  }

  async findByOutTradeNo(outTradeNo: string): Promise<Payment | null> {
    return (await this.read(`${SELECT} WHERE out_trade_no = ?`, [outTradeNo]))[0] ?? null;
  }

  async shares(paymentId: number): Promise<PaymentOrder[]> {
    return SHARES.rows(await this.database.read<Stored<PaymentOrder>>(SELECT_SHARES, [paymentId]));
  }

  async sharesIn(tx: Tx, paymentId: number): Promise<PaymentOrder[]> {
    return SHARES.rows((await tx.execute<Stored<PaymentOrder>>(SELECT_SHARES, [paymentId])).rows);
  }

  /** @throws DomainError `not_found` */
  async lockShare(tx: Tx, paymentId: number, orderId: number): Promise<PaymentOrder> {
    const { rows } = await tx.execute<Stored<PaymentOrder>>(
      `SELECT ${SHARES.select()} FROM payment_orders WHERE payment_id = ? AND order_id = ?${tx.sql.forUpdate}`,
      [paymentId, orderId],
    );
    const [share] = SHARES.rows(rows);
    if (!share) throw notFound('payment');
    return share;
  }

  /** The captured payment that paid the order, with its share; null when none of ours did. */
  async findPaying(orderId: number): Promise<{ payment: Payment; share: PaymentOrder } | null> {
    const share = await this.paymentOrders.findOneBy({ orderId, applied: true });
    const payment = share && (await this.find(share.paymentId));
    return payment ? { payment, share } : null;
  }

  /** Pending attempts that cover one of these orders. */
  async openFor(orderIds: readonly number[]): Promise<Payment[]> {
    if (orderIds.length === 0) return [];
    const asked = padded(orderIds);
    return this.read(OPEN_FOR(asked.length), asked);
  }

  async openForIn(tx: Tx, orderIds: readonly number[]): Promise<Payment[]> {
    if (orderIds.length === 0) return [];
    const asked = padded(orderIds);
    return PAYMENTS.rows((await tx.execute<Stored<Payment>>(OPEN_FOR(asked.length), asked)).rows);
  }

  /** Those of these orders that a pending attempt covers. */
  async openAmong(orderIds: readonly number[]): Promise<Set<number>> {
    if (orderIds.length === 0) return new Set();
    const asked = padded(orderIds);
    const rows = await this.database.read<{ id: number }>(OPEN_ORDERS(asked.length), asked);
    return new Set(rows.map(({ id }) => id));
  }

  /** Pending recharge attempts of this user for this item, the newest first, at most 5. */
  async openRecharges(userId: number, itemId: number): Promise<Payment[]> {
    return this.read(OPEN_RECHARGES, [userId, itemId]);
  }

  /** Pending ones whose next check has come, the longest due first. */
  listDue(limit: number): Promise<Payment[]> {
    return this.payments.find({
      where: { status: 'pending', nextCheckAt: LessThanOrEqual(this.clock.now()) },
      order: { nextCheckAt: 'ASC' },
      take: limit,
    });
  }

  /** WeChat payments captured in `[from, to)`, by WeChat's own time. */
  listCaptured(from: number, to: number): Promise<Payment[]> {
    return this.payments.findBy({ channel: 'wechat', capturedAt: And(MoreThanOrEqual(from), LessThan(to)) });
  }

  /** A pending one is checked from now on. Returns its id. */
  async insert(tx: Tx, draft: PaymentDraft, shares: readonly ShareDraft[]): Promise<number> {
    const [id] = await this.insertAll(tx, [{ draft, shares }]);
    return id;
  }

  /** In the statements of one; the drafts have the same fields. Returns their ids in order. */
  async insertAll(
    tx: Tx,
    payments: readonly { readonly draft: PaymentDraft; readonly shares: readonly ShareDraft[] }[],
  ): Promise<number[]> {
    const now = this.clock.now();
    const rows = payments.map(({ draft }) => {
      const checked = draft.status === 'pending' ? { nextCheckAt: this.schedule.next(0, draft.expiresAt) } : {};
      return { ...draft, ...NOTHING_BACK, ...checked, closing: false, checks: 0, createdAt: now, updatedAt: now };
    });
    const ids = await tx.insert(PAYMENTS, rows);
    await tx.insert(
      SHARES,
      payments.flatMap(({ shares }, index) =>
        shares.map((share) => ({ paymentId: ids[index], ...share, ...NOTHING_BACK })),
      ),
    );
    return ids;
  }

  /** False when the state machine does not allow it from where the row is now. */
  async move(
    tx: Tx,
    id: number,
    to: PaymentStatus,
    { transactionId = null, capturedAt = null }: Partial<Pick<Payment, 'transactionId' | 'capturedAt'>> = {},
  ): Promise<boolean> {
    const from = padded(sourcesOf(PAYMENT_TRANSITIONS, to));
    const { sql, params } = PAYMENTS.assign({
      status: to,
      transactionId,
      capturedAt,
      closing: false,
      nextCheckAt: null,
      updatedAt: this.clock.now(),
    });
    const { affected } = await tx.execute(
      `UPDATE payments SET ${sql} WHERE id = ? AND status IN (${placeholders(from.length)})`,
      [...params, id, ...from],
    );
    return affected === 1;
  }

  async markApplied(tx: Tx, paymentId: number, orderIds: readonly number[]): Promise<void> {
    await this.assignShares(tx, paymentId, orderIds, { applied: true });
  }

  /** The orders close in this name once the payment is closed at WeChat. */
  async markCancelled(tx: Tx, id: number, orderIds: readonly number[], cancellation: Cancellation): Promise<void> {
    await this.assignShares(tx, id, orderIds, { cancellation });
  }

  /** From now on the attempt is to be closed at WeChat, by whoever gets to it. One that is already stays where it is on the ladder. */
  async markClosing(tx: Tx, id: number): Promise<void> {
    await tx.execute(
      "UPDATE payments SET closing = 1, next_check_at = ? WHERE id = ? AND status = 'pending' AND closing = 0",
      [this.schedule.next(0), id],
    );
  }

  /** Counts one more check, and sets the time of the next. */
  async scheduleCheck(tx: Tx, { id, checks, expiresAt }: Payment): Promise<void> {
    await tx.execute("UPDATE payments SET next_check_at = ?, checks = checks + 1 WHERE id = ? AND status = 'pending'", [
      this.schedule.next(checks + 1, expiresAt),
      id,
    ]);
  }

  private async read(sql: string, params: readonly (number | string)[]): Promise<Payment[]> {
    return PAYMENTS.rows(await this.database.read<Stored<Payment>>(sql, params));
  }

  private async assignShares(
    tx: Tx,
    paymentId: number,
    orderIds: readonly number[],
    change: Partial<PaymentOrder>,
  ): Promise<void> {
    if (orderIds.length === 0) return;
    const { sql, params } = SHARES.assign(change);
    const asked = padded(orderIds);
    await tx.execute(
      `UPDATE payment_orders SET ${sql} WHERE payment_id = ? AND order_id IN (${placeholders(asked.length)})`,
      [...params, paymentId, ...asked],
    );
  }
}
