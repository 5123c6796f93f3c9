import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { fen, type Fen } from '../../../common/money.js';
import { Config } from '../../../config/config.js';
import type { Tx } from '../../../database/transactions.js';
import { account } from '../../ledger/chart-of-accounts.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import type { Posting } from '../../ledger/posting.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { isRefundable } from '../../orders/order-status.js';
import { SYSTEM, type Actor } from '../../orders/order.js';
import { couponOfRefund } from './coupon-share.js';
import type { PaymentOrder } from './payment-order.entity.js';
import { capturePostings, reversePostings, walletPostings } from './payment-postings.js';
import { PaymentStore } from './payment-store.js';
import type { Payment } from './payment.entity.js';
import { RefundStore, type RefundPart } from './refund-store.js';
import type { Refund } from './refund.entity.js';

export interface RefundRequest {
  readonly origin: 'request' | 'automatic';
  readonly actor: Actor;
  readonly reason: string;
}

/** What statements say of a refund beside its reason. */
export interface RefundLabel {
  readonly orderId?: number | null;
  readonly itemId: number | null;
  readonly name: string;
}

/** A refund that somebody made at WeChat, and from whom the money of it comes. */
export interface ExternalBooking {
  readonly status: 'presumed' | 'succeeded';
  readonly outRefundNo: string;
  readonly amount: Fen;
  readonly reason: string;
  readonly parts: readonly RefundPart[];
  readonly postings: readonly Posting[];
}

type ShareRef = Pick<PaymentOrder, 'orderId' | 'merchantId'>;
type BookedLabel = RefundLabel & Pick<RefundRequest, 'reason'>;
type Cause = Pick<RefundRequest, 'actor' | 'reason'>;

/** The numbers that refunds get here. */
export const OWN_REFUND_NO = /^R[0-9a-f]{30}$/;
const TOO_MUCH = 'less than that is left of the payment';

/**
 * What refunds do to the books. The money leaves the merchant (or the user's balance) when the refund is opened, so that
 * it cannot be spent while WeChat works; a refund that finally fails is reversed. The order moves when the money is back.
 */
@Injectable()
export class RefundBooking {
  constructor(
    private readonly ledger: LedgerService,
    private readonly lifecycle: OrderLifecycle,
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
    request: RefundRequest,
  ): Promise<number> {
    await this.ledger.lockBalance(tx, account.merchantPayable(merchantId), 'CNY');
    const share = await this.payments.lockShare(tx, payment.id, orderId);
    const part = amount ?? fen(share.amount - share.reserved);
    if (part <= 0 || part > share.amount - share.reserved) throw new DomainError('conflict', TOO_MUCH);
    const wechat = payment.channel === 'wechat';
    const coupon = wechat ? fen(0) : couponOfRefund(share, share.reserved, part);
    const paid = { merchantId, amount: part, coupon };
    const postings = reversePostings(wechat ? capturePostings(paid) : walletPostings(payment.userId, paid));
    const id = await this.insert(tx, payment, orderId, { amount: part, coupon }, request);
    const label = { orderId, itemId: share.productId, name: share.name };
    await this.book(tx, id, postings, { ...label, reason: request.reason });
    await this.reserve(tx, payment, orderId, part);
    if (!wechat) await this.settle(tx, payment.id, [{ orderId, amount: part }], part, request);
    return id;
  }

  /** Opens the refund of a whole recharge; `postings` take it out of the balance. @throws DomainError `insufficient_balance`, `conflict` */
  async openRecharge(
    tx: Tx,
    payment: Payment,
    postings: readonly Posting[],
    label: RefundLabel,
    request: RefundRequest,
  ): Promise<number> {
    const id = await this.insert(tx, payment, null, { amount: payment.amount, coupon: fen(0) }, request);
    await this.book(tx, id, postings, { ...label, reason: request.reason });
    await this.reserve(tx, payment, null, payment.amount);
    return id;
  }

  /** A refund that is done already, whatever is left of the payment. */
  async bookExternal(tx: Tx, payment: Payment, found: ExternalBooking, label: RefundLabel): Promise<void> {
    const { status, outRefundNo, amount, reason, parts, postings } = found;
    const id = await this.refunds.insert(tx, {
      paymentId: payment.id,
      orderId: parts.length === 1 ? parts[0].orderId : null,
      origin: 'external',
      userId: null,
      status,
      amount,
      coupon: fen(0),
      outRefundNo,
      parameters: null,
      reason,
    });
    await this.book(tx, id, postings, { ...label, reason });
    await this.refunds.reserveExternal(tx, payment.id, amount, parts);
    await this.settle(tx, payment.id, parts, amount, { actor: SYSTEM, reason });
  }

  /** WeChat has given the money back. False when that was booked before. */
  async succeed(tx: Tx, refund: Refund): Promise<boolean> {
    if (!(await this.refunds.move(tx, refund.id, 'succeeded'))) return false;
    const parts = refund.orderId === null ? [] : [{ orderId: refund.orderId, amount: refund.amount }];
    await this.settle(tx, refund.paymentId, parts, refund.amount, { actor: SYSTEM, reason: refund.reason });
    return true;
  }

  /** WeChat will never give it back: the money returns to where the refund took it from. False when that was booked before. */
  async fail(tx: Tx, refund: Refund, reason: string): Promise<boolean> {
    if (!(await this.refunds.move(tx, refund.id, 'failed'))) return false;
    await this.reverse(tx, refund, reason);
    await this.refunds.release(tx, refund);
    return true;
  }

  /** It was not as presumed: the money returns to where it was taken from. */
  async withdraw(tx: Tx, presumed: Refund, reason: string): Promise<void> {
    if (!(await this.refunds.move(tx, presumed.id, 'failed'))) return;
    await this.reverse(tx, presumed, reason);
    await this.refunds.uncountPresumed(tx, presumed);
  }

  /** Counts the money as gone back, and moves orders of which nothing is left; a closed one stays closed. */
  private async settle(
    tx: Tx,
    paymentId: number,
    parts: readonly RefundPart[],
    amount: Fen,
    why: Cause,
  ): Promise<void> {
    await this.refunds.countRefunded(tx, paymentId, amount, parts);
    const shares = await this.payments.sharesIn(tx, paymentId);
    const touched = new Set(parts.map((part) => part.orderId));
    const whole = shares.filter(
      (share) => share.applied && share.refunded >= share.amount && touched.has(share.orderId),
    );
    const orders = await this.lifecycle.lockOrders(
      tx,
      whole.map((share) => share.orderId),
    );
    for (const order of orders) {
      if (isRefundable(order.status)) await this.lifecycle.markRefunded(tx, order.id, why);
    }
  }

  private async insert(
    tx: Tx,
    payment: Payment,
    orderId: number | null,
    money: Pick<Refund, 'amount' | 'coupon'>,
    { origin, actor, reason }: RefundRequest,
  ): Promise<number> {
    const shared = { paymentId: payment.id, orderId, origin, userId: actor.userId, ...money, reason };
    if (payment.channel !== 'wechat') {
      return this.refunds.insert(tx, { ...shared, status: 'succeeded', outRefundNo: null, parameters: null });
    }
    const outRefundNo = `R${randomBytes(15).toString('hex')}`;
    const notifyUrl = this.config.wechat.pay?.notifyUrl;
    const { amount: total, outTradeNo } = payment;
    const parameters = { outTradeNo: outTradeNo!, outRefundNo, refund: money.amount, total, reason, notifyUrl };
    return this.refunds.insert(tx, { ...shared, status: 'pending', outRefundNo, parameters });
  }

  private async book(tx: Tx, id: number, postings: readonly Posting[], label: BookedLabel): Promise<void> {
    const posted = await this.ledger.post(tx, { key: `refund:${id}`, kind: 'refund', postings, ...label });
    await this.refunds.linkLedger(tx, id, posted.id);
  }

  private async reverse(tx: Tx, { id, ledgerId }: Refund, reason: string): Promise<void> {
    if (ledgerId === null) throw new Error(`refund ${id} has moved no money`);
    await this.ledger.reverse(tx, ledgerId, { key: `refund:${id}:reversal`, kind: 'refund_reversal', reason });
  }

  private async reserve(tx: Tx, payment: Payment, orderId: number | null, amount: Fen): Promise<void> {
    if (await this.refunds.reserve(tx, payment.id, orderId, amount)) return;
    throw new DomainError('conflict', TOO_MUCH);
  }
}
