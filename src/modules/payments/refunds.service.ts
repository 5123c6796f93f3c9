import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Fen } from '../../common/money.js';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import { Idempotency } from '../../database/idempotency.js';
import { OrderSettlement, OrderStatus } from '../orders/order-settlement.service.js';
import { roleOn } from '../orders/orders.service.js';
import { PaymentStore } from './payment-store.js';
import { nextCheck } from './reconcile-ladder.js';
import { RefundBooking } from './refund-booking.service.js';
import { RefundStore } from './refund-store.js';
import { WechatRefunds } from './wechat-refunds.service.js';

export interface RefundWish {
  readonly orderId: number;
  /** Absent is all that is left. */
  readonly amount?: Fen | undefined;
  readonly reason: string;
}

export interface RefundAnswer {
  readonly refundId: number;
  readonly status: 'processing' | 'succeeded' | 'failed';
}

/** Refunds that a merchant or root asks for. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly settlement: OrderSettlement,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly booking: RefundBooking,
    private readonly wechat: WechatRefunds,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Gives back part or all of what was paid for an order, to where it came from. From the wallet it is done at once; through
   * WeChat the refund is committed first, then asked for, and the reconciler follows it to its end.
   * @throws DomainError `not_found` for another merchant's order, `forbidden` for its buyer, `conflict` when the order was not
   * paid here or less is left, `insufficient_balance` when the merchant's payable is too low
   */
  async request(
    ref: IdempotencyRef | null,
    user: Principal,
    { orderId, amount, reason }: RefundWish,
  ): Promise<RefundAnswer> {
    const [order] = await this.settlement.findPayable([orderId]);
    const role = order && roleOn(order, user);
    if (!order || !role) throw notFound('order');
    if (role === 'buyer') throw new DomainError('forbidden', 'only the merchant refunds an order');
    const paying = await this.payments.findPaying(orderId);
    const { refundId } = await this.idempotency.once(ref, async (tx) => {
      if (!paying || !isRefundable(order.status)) throw new DomainError('conflict', 'the order was not paid here');
      const id = await this.booking.open(tx, paying.payment, paying.share, amount ?? null, {
        origin: 'request',
        actor: { kind: role, userId: user.userId },
        reason,
        nextCheckAt: nextCheck(this.config.jobs.reconcileLadder, 0, this.clock.now()),
      });
      return { refundId: id };
    });
    return this.follow(refundId, ref?.replayed === true);
  }

  /** Asks WeChat at once, unless an earlier request has. */
  async follow(refundId: number, replayed: boolean): Promise<RefundAnswer> {
    const refund = await this.refunds.find(refundId);
    if (refund && refund.status === 'pending' && !replayed) await this.wechat.advance(refund);
    const now = await this.refunds.find(refundId);
    if (!now) throw notFound('refund');
    const final = now.status === 'succeeded' || now.status === 'failed';
    return { refundId, status: final ? now.status : 'processing' };
  }
}

function isRefundable(status: OrderStatus): boolean {
  return (
    status === OrderStatus.awaitingReceipt || status === OrderStatus.awaitingReview || status === OrderStatus.completed
  );
}
