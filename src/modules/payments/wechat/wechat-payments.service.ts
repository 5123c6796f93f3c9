import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { fen, MAX_FEN } from '../../../common/money.js';
import { Idempotency } from '../../../database/idempotency.js';
import { Transactions } from '../../../database/transactions.js';
import type { MiniProgramPayment } from '../../../integrations/wechat/merchant-signer.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import type { PayableOrder } from '../../orders/order.js';
import { payableProblem, refuseChanged } from '../records/payable-orders.js';
import { PaymentStore, type ShareDraft } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { PaymentAttempts } from './payment-attempts.js';
import { PaymentCloser } from './payment-closer.service.js';
import { PrepayService } from './prepay.service.js';

/** What a mini program needs to call `wx.requestPayment`. */
export interface StartedPayment extends MiniProgramPayment {
  readonly paymentId: number;
  readonly prepayId: string;
}

/** Order ids, or how to find them unless the key's earlier result is there. */
export type OrderChoice = readonly number[] | (() => Promise<readonly number[]>);

/** How often an overlapping attempt may turn up again before the caller is asked to come back. */
const ROUNDS = 4;

/** Collecting money for orders through the mini program. */
@Injectable()
export class WechatPayments {
  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly lifecycle: OrderLifecycle,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly attempts: PaymentAttempts,
    private readonly prepay: PrepayService,
    private readonly wechat: WechatPayClient,
  ) {}

  /**
   * One payment for all these unpaid orders of the caller. The same call again goes on with the same attempt; an open one
   * over other orders or amounts is closed at WeChat first.
   * @throws DomainError `invalid`, `not_found`, `conflict` before WeChat is called; `unavailable` when the result of the
   * call is unknown, and the same call may be repeated
   */
  async pay(ref: IdempotencyRef | null, userId: number, wanted: OrderChoice): Promise<StartedPayment> {
    return this.idempotency.around(ref, async () => {
      const orderIds = typeof wanted === 'function' ? await wanted() : wanted;
      for (let round = 0; round < ROUNDS; round += 1) {
        const payment = await this.attemptFor(userId, orderIds);
        const prepayId = payment && (await this.prepay.prepay(payment));
        if (payment && prepayId) {
          return { paymentId: payment.id, prepayId, ...this.wechat.signMiniProgram(prepayId) };
        }
      }
      throw new DomainError('conflict', 'another payment of this order is under way', { retryAfter: 1 });
    });
  }

  /** Null when an overlapping attempt came in between. */
  private async attemptFor(userId: number, orderIds: readonly number[]): Promise<Payment | null> {
    const orders = await this.lifecycle.findPayable(orderIds);
    const problem = payableProblem(orders, orderIds, userId);
    if (problem) throw problem;
    const total = orders.reduce((sum, order) => sum + order.total, 0);
    if (total === 0) throw new DomainError('conflict', 'nothing is left to pay: pay it with the balance');
    if (total > MAX_FEN) throw new DomainError('conflict', 'the total is too large for one payment');
    const openid = await this.attempts.payerOf(userId);
    if (openid === null) throw new DomainError('conflict', 'this account has no mini-program login to pay with');
    for (const open of await this.store.openFor(orderIds)) {
      if (await this.isSame(open, userId, orders)) return open;
      if ((await this.closer.close(open)) === 'captured') throw new DomainError('conflict', 'the order has been paid');
    }
    return this.open(userId, openid, orders);
  }

  private async isSame(open: Payment, userId: number, orders: readonly PayableOrder[]): Promise<boolean> {
    if (open.userId !== userId || !this.attempts.isReusable(open)) return false;
    const shares = await this.store.shares(open.id);
    const amounts = new Map(shares.map((share) => [share.orderId, share.amount]));
    return shares.length === orders.length && orders.every((order) => amounts.get(order.id) === order.total);
  }

  /** Orders are locked, so of two calls at once the second finds the attempt of the first. */
  private async open(userId: number, openid: string, orders: readonly PayableOrder[]): Promise<Payment | null> {
    const ids = orders.map((order) => order.id);
    const shares = orders.map(
      ({ id: orderId, merchantId, firstProductId: productId, firstTitle: name, total: amount }): ShareDraft => {
        return { orderId, merchantId, productId, name, amount, coupon: fen(0), applied: false };
      },
    );
    const amount = fen(orders.reduce((sum, order) => sum + order.total, 0));
    const description = orders[0].firstTitle;
    const draft = this.attempts.freeze({ kind: 'order', userId, amount, description, openid });
    const id = await this.transactions.run(async (tx) => {
      refuseChanged(await this.lifecycle.lockOrders(tx, ids), orders);
      if ((await this.store.openForIn(tx, ids)).length > 0) return null;
      return this.store.insert(tx, draft, shares);
    });
    return id === null ? null : this.store.find(id);
  }
}
