import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { notFound } from '../../common/domain-error.js';
import type { Fen } from '../../common/money.js';
import { Database } from '../../database/database.js';
import { placeholders, type SqlValue } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';
import { PAYMENT_TRANSITIONS, sourcesOf, type PaymentStatus } from './payment-status.js';

export type WalletChannel = 'balance' | 'coupon';

/** Times in milliseconds. See `payment.entity.ts` for what the fields mean. */
export interface Payment {
  readonly id: number;
  readonly kind: 'order' | 'recharge';
  readonly userId: number;
  readonly channel: 'wechat' | WalletChannel | 'mixed';
  readonly status: PaymentStatus;
  readonly amount: Fen;
  readonly reserved: Fen;
  readonly refunded: Fen;
  readonly outTradeNo: string | null;
  readonly transactionId: string | null;
  readonly tradeType: 'JSAPI' | 'APP' | null;
  readonly appId: string | null;
  readonly openid: string | null;
  readonly parameters: string | null;
  readonly closing: number;
  readonly checks: number;
  readonly expiresAt: number | null;
  readonly capturedAt: number | null;
  readonly createdAt: number;
}

export interface PaymentShare {
  readonly paymentId: number;
  readonly orderId: number;
  readonly merchantId: number;
  /** The order's first product. */
  readonly productId: number;
  readonly name: string;
  readonly amount: Fen;
  readonly coupon: Fen;
  readonly applied: number;
  readonly reserved: Fen;
  readonly refunded: Fen;
  readonly cancellation: string | null;
}

export type PaymentDraft = Pick<Payment, 'kind' | 'userId' | 'channel' | 'status' | 'amount'> &
  Partial<
    Pick<Payment, 'outTradeNo' | 'tradeType' | 'appId' | 'openid' | 'parameters' | 'expiresAt' | 'capturedAt'>
  > & {
    readonly nextCheckAt?: number;
  };

export type ShareDraft = Pick<
  PaymentShare,
  'orderId' | 'merchantId' | 'productId' | 'name' | 'amount' | 'coupon' | 'applied'
>;

const COLUMNS =
  'p.id, p.kind, p.user_id AS userId, p.channel, p.status, p.amount, p.reserved, p.refunded, p.out_trade_no AS outTradeNo, ' +
  'p.transaction_id AS transactionId, p.trade_type AS tradeType, p.app_id AS appId, p.openid, p.parameters, p.closing, ' +
  'p.checks, p.expires_at AS expiresAt, p.captured_at AS capturedAt, p.created_at AS createdAt';
const SHARE_COLUMNS =
  's.payment_id AS paymentId, s.order_id AS orderId, s.merchant_id AS merchantId, s.product_id AS productId, s.name, s.amount, s.coupon, s.applied, ' +
  's.reserved, s.refunded, s.cancellation';
const INSERT_COLUMNS = [
  'kind',
  'user_id',
  'channel',
  'status',
  'amount',
  'reserved',
  'refunded',
  'out_trade_no',
  'trade_type',
  'app_id',
  'openid',
  'parameters',
  'closing',
  'next_check_at',
  'checks',
  'expires_at',
  'captured_at',
  'created_at',
  'updated_at',
] as const;
const INSERT_SHARE_COLUMNS = [
  'payment_id',
  'order_id',
  'merchant_id',
  'product_id',
  'name',
  'amount',
  'coupon',
  'applied',
  'reserved',
  'refunded',
] as const;

/** Shares in the order in which their merchants' accounts are locked. */
const SHARE_ORDER = 'ORDER BY s.merchant_id, s.order_id';

/** The rows of payments and of their orders' shares. */
@Injectable()
export class PaymentStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async find(id: number): Promise<Payment | null> {
    return this.database.readOne<Payment>(`SELECT ${COLUMNS} FROM payments p WHERE p.id = ?`, [id]);
  }

  async findByOutTradeNo(outTradeNo: string): Promise<Payment | null> {
    return this.database.readOne<Payment>(`SELECT ${COLUMNS} FROM payments p WHERE p.out_trade_no = ?`, [outTradeNo]);
  }

  async shares(paymentId: number): Promise<PaymentShare[]> {
    return this.database.read<PaymentShare>(sharesSql, [paymentId]);
  }

  async sharesIn(tx: Tx, paymentId: number): Promise<PaymentShare[]> {
    return (await tx.execute<PaymentShare>(sharesSql, [paymentId])).rows;
  }

  /** @throws DomainError `not_found` */
  async lockShare(tx: Tx, paymentId: number, orderId: number): Promise<PaymentShare> {
    const { rows } = await tx.execute<PaymentShare>(
      `SELECT ${SHARE_COLUMNS} FROM payment_orders s WHERE s.payment_id = ? AND s.order_id = ?${tx.sql.forUpdate}`,
      [paymentId, orderId],
    );
    if (!rows[0]) throw notFound('payment');
    return rows[0];
  }

  /** The captured payment that paid the order, with its share; null when none of ours did. */
  async findPaying(orderId: number): Promise<{ payment: Payment; share: PaymentShare } | null> {
    const share = await this.database.readOne<PaymentShare>(
      `SELECT ${SHARE_COLUMNS} FROM payment_orders s WHERE s.order_id = ? AND s.applied = 1`,
      [orderId],
    );
    const payment = share && (await this.find(share.paymentId));
    return payment ? { payment, share } : null;
  }

  /** Pending attempts that cover one of these orders. */
  async openFor(orderIds: readonly number[]): Promise<Payment[]> {
    return orderIds.length === 0 ? [] : this.database.read<Payment>(openSql(orderIds.length), orderIds);
  }

  async openForIn(tx: Tx, orderIds: readonly number[]): Promise<Payment[]> {
    return orderIds.length === 0 ? [] : (await tx.execute<Payment>(openSql(orderIds.length), orderIds)).rows;
  }

  /** A pending recharge attempt of this user for this item. */
  async openRecharges(userId: number, itemId: number): Promise<Payment[]> {
    return this.database.read<Payment>(
      `SELECT ${COLUMNS} FROM recharges r JOIN payments p ON p.id = r.payment_id
       WHERE r.user_id = ? AND r.item_id = ? AND p.status = 'pending' ORDER BY p.id DESC LIMIT 5`,
      [userId, itemId],
    );
  }

  async listDue(limit: number): Promise<Payment[]> {
    return this.database.read<Payment>(
      `SELECT ${COLUMNS} FROM payments p WHERE p.status = 'pending' AND p.next_check_at <= ?
       ORDER BY p.next_check_at LIMIT ${limit}`,
      [this.clock.now()],
    );
  }

  /** WeChat payments captured in `[from, to)`, by WeChat's own time. */
  async listCaptured(from: number, to: number): Promise<Payment[]> {
    return this.database.read<Payment>(
      `SELECT ${COLUMNS} FROM payments p WHERE p.channel = 'wechat' AND p.captured_at >= ? AND p.captured_at < ?`,
      [from, to],
    );
  }

  async insert(tx: Tx, draft: PaymentDraft, shares: readonly ShareDraft[]): Promise<number> {
    const now = this.clock.now();
    const values: SqlValue[] = [
      draft.kind,
      draft.userId,
      draft.channel,
      draft.status,
      draft.amount,
      0,
      0,
      draft.outTradeNo ?? null,
      draft.tradeType ?? null,
      draft.appId ?? null,
      draft.openid ?? null,
      draft.parameters ?? null,
      0,
      draft.nextCheckAt ?? null,
      0,
      draft.expiresAt ?? null,
      draft.capturedAt ?? null,
      now,
      now,
    ];
    const [id] = await tx.insertMany('payments', INSERT_COLUMNS, [values]);
    await tx.insertMany(
      'payment_orders',
      INSERT_SHARE_COLUMNS,
      shares.map((share) => [
        id,
        share.orderId,
        share.merchantId,
        share.productId,
        share.name,
        share.amount,
        share.coupon,
        share.applied,
        0,
        0,
      ]),
    );
    return id;
  }

  /** False when the state machine does not allow it from where the row is now. */
  async move(
    tx: Tx,
    id: number,
    to: PaymentStatus,
    also: { readonly transactionId?: string | null; readonly capturedAt?: number } = {},
  ): Promise<boolean> {
    const from = sourcesOf(PAYMENT_TRANSITIONS, to);
    const { affected } = await tx.execute(
      `UPDATE payments SET status = ?, transaction_id = ?, captured_at = ?, closing = 0, next_check_at = NULL, updated_at = ?
       WHERE id = ? AND status IN (${placeholders(from.length)})`,
      [to, also.transactionId ?? null, also.capturedAt ?? null, this.clock.now(), id, ...from],
    );
    return affected === 1;
  }

  async markApplied(tx: Tx, paymentId: number, orderIds: readonly number[]): Promise<void> {
    if (orderIds.length === 0) return;
    await tx.execute(
      `UPDATE payment_orders SET applied = 1 WHERE payment_id = ? AND order_id IN (${placeholders(orderIds.length)})`,
      [paymentId, ...orderIds],
    );
  }

  /** From now on the attempt is to be closed at WeChat, by whoever gets to it. */
  async markClosing(tx: Tx, id: number, nextCheckAt: number): Promise<void> {
    await tx.execute("UPDATE payments SET closing = 1, next_check_at = ? WHERE id = ? AND status = 'pending'", [
      nextCheckAt,
      id,
    ]);
  }

  /** The order closes in this name once the payment is closed at WeChat. */
  async markCancelled(tx: Tx, paymentId: number, orderIds: readonly number[], cancellation: string): Promise<void> {
    await tx.execute(
      `UPDATE payment_orders SET cancellation = ? WHERE payment_id = ? AND order_id IN (${placeholders(orderIds.length)})`,
      [cancellation, paymentId, ...orderIds],
    );
  }

  async schedule(tx: Tx, id: number, nextCheckAt: number): Promise<void> {
    await tx.execute("UPDATE payments SET next_check_at = ?, checks = checks + 1 WHERE id = ? AND status = 'pending'", [
      nextCheckAt,
      id,
    ]);
  }
}

const sharesSql = `SELECT ${SHARE_COLUMNS} FROM payment_orders s WHERE s.payment_id = ? ${SHARE_ORDER}`;

const openSql = (orders: number): string =>
  `SELECT ${COLUMNS} FROM payments p WHERE p.status = 'pending' AND p.id IN
   (SELECT payment_id FROM payment_orders WHERE order_id IN (${placeholders(orders)})) ORDER BY p.id`;
