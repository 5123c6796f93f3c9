import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import type { Fen } from '../../../common/money.js';
import type { Principal } from '../../../common/principal.js';
import { Idempotency } from '../../../database/idempotency.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { isRefundable } from '../../orders/order-status.js';
import { roleOn } from '../../orders/orders.service.js';
import { PaymentStore } from '../records/payment-store.js';
import { RefundBooking } from '../records/refund-booking.service.js';
import { RefundStore } from '../records/refund-store.js';
import { WechatRefunds } from '../wechat/wechat-refunds.service.js';

export interface RefundInput {
  readonly orderId: number;
  /** Absent is all that is left. */
  readonly amount?: Fen | undefined;
  readonly reason: string;
}

export interface RefundResult {
  readonly refundId: number;
  readonly status: 'processing' | 'succeeded' | 'failed';
}

/** Refunds that a merchant or root asks for. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly lifecycle: OrderLifecycle,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly booking: RefundBooking,
    private readonly wechat: WechatRefunds,
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
    { orderId, amount, reason }: RefundInput,
  ): Promise<RefundResult> {
    const [order] = await this.lifecycle.findPayable([orderId]);
    const role = order && roleOn(order, user);
    if (!order || !role) throw notFound('order');
    if (role === 'buyer') throw new DomainError('forbidden', 'only the merchant refunds an order');
    const paying = await this.payments.findPaying(orderId);
    const { refundId } = await this.idempotency.once(ref, async (tx) => {
      if (!paying || !isRefundable(order.status)) throw new DomainError('conflict', 'the order was not paid here');
      const actor = { kind: role, userId: user.userId };
      const request = { origin: 'request', actor, reason } as const;
      return { refundId: await this.booking.open(tx, paying.payment, paying.share, amount ?? null, request) };
    });
    return this.follow(refundId, ref?.replayed === true);
  }

  /** Asks WeChat at once, unless an earlier request has. @throws DomainError `not_found` */
  async follow(refundId: number, replayed: boolean): Promise<RefundResult> {
    const refund = await this.refunds.find(refundId);
    if (refund && refund.status === 'pending' && !replayed) await this.wechat.advance(refund);
    const status = (await this.refunds.find(refundId))?.status;
    if (!status) throw notFound('refund');
    return { refundId, status: status === 'succeeded' || status === 'failed' ? status : 'processing' };
  }
}
