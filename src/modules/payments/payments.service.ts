import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import { OrderStatus } from '../orders/order-status.js';
import { OrdersService } from '../orders/orders.service.js';
import type { WalletChannel } from './records/payment.entity.js';
import { WalletPayments } from './wallet/wallet-payments.service.js';
import { WechatPayments, type StartedPayment } from './wechat/wechat-payments.service.js';

export type PayResult = { readonly paymentId: number } | StartedPayment;

/** Paying for orders, by whichever channel. */
@Injectable()
export class PaymentsService {
  constructor(
    private readonly wallet: WalletPayments,
    private readonly wechat: WechatPayments,
    private readonly orders: OrdersService,
  ) {}

  /** @throws DomainError see {@link WalletPayments.pay} and {@link WechatPayments.pay} */
  async pay(
    ref: IdempotencyRef | null,
    user: Principal,
    { orderIds, channel }: { readonly orderIds: readonly number[]; readonly channel: WalletChannel | 'wechat' },
  ): Promise<PayResult> {
    if (channel === 'wechat') return this.wechat.pay(ref, user.userId, orderIds);
    return { paymentId: await this.wallet.pay(ref, user.userId, orderIds, channel) };
  }

  /**
   * Starts a WeChat payment; without ids of the caller's newest unpaid order.
   * @throws DomainError see {@link WechatPayments.pay}; `not_found` when nothing is unpaid
   */
  async prepay(
    ref: IdempotencyRef | null,
    user: Principal,
    orderIds: readonly number[] | null,
  ): Promise<StartedPayment> {
    return this.wechat.pay(ref, user.userId, orderIds ?? (() => this.newestUnpaid(user.userId)));
  }

  private async newestUnpaid(userId: number): Promise<number[]> {
    const filter = { status: OrderStatus.pendingPayment };
    const [newest] = await this.orders.listForBuyer(userId, filter, { from: 0, length: 1 });
    if (!newest) throw notFound('order');
    return [newest.id];
  }
}
