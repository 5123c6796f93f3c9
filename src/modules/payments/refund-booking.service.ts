import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { fen, type Fen } from '../../common/money.js';
import { Config } from '../../config/config.js';
import type { Tx } from '../../database/transactions.js';
import type { RefundParameters } from '../../integrations/wechat/pay.types.js';
import { account } from '../ledger/chart-of-accounts.js';
import { LedgerService, type Posting } from '../ledger/ledger.service.js';
import { type Actor, OrderSettlement, OrderStatus } from '../orders/order-settlement.service.js';
import { couponOfRefund } from './coupon-share.js';
import { captureOf, mirrored, walletPostings } from './payment-postings.js';
import { PaymentStore, type Payment, type PaymentShare } from './payment-store.js';
import { RefundStore, type Refund, type RefundOrigin } from './refund-store.js';

export interface RefundOrder {
  readonly origin: RefundOrigin;
  readonly actor: Actor;
  readonly reason: string;
  /** When the job may take it up, in milliseconds. */
  readonly nextCheckAt: number;
}

type ShareRef = Pick<PaymentShare, 'orderId' | 'merchantId'>;

const TOO_MUCH = 'less than that is left of the payment';
/** Statuses from which a wholly refunded order moves; a closed one stays closed. */
const REFUNDABLE: readonly number[] = [OrderStatus.awaitingReceipt, OrderStatus.awaitingReview, OrderStatus.completed];

/**
 * What refunds do to the books. The money leaves the merchant (or the user's balance) when the refund is opened, so that
 * it cannot be spent while WeChat works; a refund that finally fails is reversed. The order moves when the money is back.
 */
@Injectable()
export class RefundBooking {
  constructor(
    private readonly ledger: LedgerService,
    private readonly settlement: OrderSettlement,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly config: Config,
  ) {}

  /**
   * Opens a refund of an order's share, of all that is left of it when `amount` is null. From the wallet it is done at once.
   * @throws DomainError `conflict` when less is left of the share, `insufficient_balance` when the merchant's payable is too low
   */
  async open(
    tx: Tx,
    payment: Payment,
    { orderId, merchantId }: ShareRef,
    amount: Fen | null,
    order: RefundOrder,
  ): Promise<number> {
    await this.ledger.lockBalance(tx, account.merchantPayable(merchantId), 'CNY');
    const share = await this.payments.lockShare(tx, payment.id, orderId);
    const part = amount ?? fen(share.amount - share.reserved);
    if (part <= 0 || part > share.amount - share.reserved) throw new DomainError('conflict', TOO_MUCH);
    const wechat = payment.channel === 'wechat';
    const coupon = wechat ? fen(0) : couponOfRefund(share, share.reserved, part);
    const paid = { merchantId, amount: part, coupon };
    const postings = mirrored(wechat ? captureOf(paid) : walletPostings(payment.userId, paid));
    const id = await this.insert(tx, payment, orderId, { amount: part, coupon, ...order });
    await this.book(tx, id, postings, {
      orderId,
      itemId: share.productId,
      name: share.name,
      reason: order.reason,
    });
    await this.reserve(tx, payment, orderId, part);
    if (!wechat) await this.settled(tx, payment.id, [{ orderId, amount: part }], part, order);
    return id;
  }

  /** Opens the refund of a whole recharge; `postings` take it out of the balance. @throws DomainError `insufficient_balance`, `conflict` */
  async openRecharge(
    tx: Tx,
    payment: Payment,
    postings: readonly Posting[],
    order: RefundOrder & { readonly name: string; readonly itemId: number },
  ): Promise<number> {
    const id = await this.insert(tx, payment, null, { amount: payment.amount, coupon: fen(0), ...order });
    await this.book(tx, id, postings, { itemId: order.itemId, name: order.name, reason: order.reason });
    await this.reserve(tx, payment, null, payment.amount);
    return id;
  }

  /** WeChat has given the money back. False when that was booked before. */
  async succeed(tx: Tx, refund: Refund): Promise<boolean> {
    if (!(await this.refunds.move(tx, refund.id, 'succeeded'))) return false;
    const shares = refund.orderId === null ? [] : [{ orderId: refund.orderId, amount: refund.amount }];
    const actor: Actor = { kind: 'system', userId: null };
    await this.settled(tx, refund.paymentId, shares, refund.amount, { actor, reason: refund.reason });
    return true;
  }

  /** WeChat will never give it back: the money returns to where the refund took it from. */
  async fail(tx: Tx, refund: Refund, reason: string): Promise<boolean> {
    if (!(await this.refunds.move(tx, refund.id, 'failed'))) return false;
    if (refund.ledgerId === null) throw new Error(`refund ${refund.id} has moved no money`);
    await this.ledger.reverse(tx, refund.ledgerId, {
      key: `refund:${refund.id}:reversal`,
      kind: 'refund_reversal',
      reason,
    });
    await this.refunds.release(tx, refund);
    return true;
  }

  /** Counts the money as gone back, and moves orders of which nothing is left. */
  async settled(
    tx: Tx,
    paymentId: number,
    parts: readonly { readonly orderId: number; readonly amount: number }[],
    amount: number,
    why: { readonly actor: Actor; readonly reason: string },
  ): Promise<void> {
    await this.refunds.countRefunded(tx, paymentId, amount, parts);
    const shares = await this.payments.sharesIn(tx, paymentId);
    const whole = shares.filter(
      (share) =>
        share.applied === 1 && share.refunded >= share.amount && parts.some((part) => part.orderId === share.orderId),
    );
    const orders = await this.settlement.lockOrders(
      tx,
      whole.map((share) => share.orderId),
    );
    for (const order of orders) {
      if (REFUNDABLE.includes(order.status)) await this.settlement.markRefunded(tx, order.id, why);
    }
  }

  private async insert(
    tx: Tx,
    payment: Payment,
    orderId: number | null,
    {
      amount,
      coupon,
      origin,
      actor,
      reason,
      nextCheckAt,
    }: RefundOrder & { readonly amount: Fen; readonly coupon: Fen },
  ): Promise<number> {
    const wechat = payment.channel === 'wechat';
    const outRefundNo = wechat ? `R${randomBytes(15).toString('hex')}` : null;
    const notifyUrl = this.config.wechat.pay?.notifyUrl;
    const parameters: RefundParameters | null = outRefundNo
      ? { outTradeNo: payment.outTradeNo!, outRefundNo, refund: amount, total: payment.amount, reason, notifyUrl }
      : null;
    return this.refunds.insert(tx, {
      paymentId: payment.id,
      orderId,
      origin,
      userId: actor.userId,
      status: wechat ? 'pending' : 'succeeded',
      amount,
      coupon,
      outRefundNo,
      parameters: parameters && JSON.stringify(parameters),
      reason,
      nextCheckAt: wechat ? nextCheckAt : null,
    });
  }

  private async book(
    tx: Tx,
    refundId: number,
    postings: readonly Posting[],
    shown: { readonly orderId?: number; readonly itemId?: number; readonly name: string; readonly reason: string },
  ): Promise<void> {
    const { id } = await this.ledger.post(tx, { key: `refund:${refundId}`, kind: 'refund', postings, ...shown });
    await this.refunds.linkLedger(tx, refundId, id);
  }

  private async reserve(tx: Tx, payment: Payment, orderId: number | null, amount: number): Promise<void> {
    if (await this.refunds.reserve(tx, payment.id, orderId, amount)) return;
    throw new DomainError('conflict', TOO_MUCH);
  }
}
