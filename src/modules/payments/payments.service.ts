import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { hasAny, Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { OrderStatus } from '../orders/order-settlement.service.js';
import { OrdersService } from '../orders/orders.service.js';
import { PaymentCloser } from './payment-closer.service.js';
import { PaymentStore, type Payment, type WalletChannel } from './payment-store.js';
import { WalletPayments } from './wallet-payments.service.js';
import { WechatPayments, type StartedPayment } from './wechat-payments.service.js';

export interface ShownPayment extends Payment {
  readonly orderIds: readonly number[];
}

export type PayResult = { readonly paymentId: number } | StartedPayment;

@Injectable()
export class PaymentsService {
  constructor(
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
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

  /**
   * The payer's own payment (root sees all), by id or by out_trade_no; WeChat is asked when ours is still pending.
   * @throws DomainError `not_found`
   */
  async getPayment(user: Principal, key: string): Promise<ShownPayment> {
    const payment = await this.find(key);
    if (!payment || (payment.userId !== user.userId && !hasAny(user.permission, Permission.Root)))
      throw notFound('payment');
    const orderIds = (await this.store.shares(payment.id)).map((share) => share.orderId).sort((a, b) => a - b);
    if (payment.status !== 'pending') return { ...payment, orderIds };
    await this.ask(payment);
    return { ...((await this.store.find(payment.id)) ?? payment), orderIds };
  }

  private async newestUnpaid(userId: number): Promise<number[]> {
    const filter = { status: OrderStatus.pendingPayment };
    const [newest] = await this.orders.listForBuyer(userId, filter, { from: 0, length: 1 });
    if (!newest) throw notFound('order');
    return [newest.id];
  }

  private find(key: string): Promise<Payment | null> {
    const id = /^\d{1,15}$/.test(key) ? Number(key) : null;
    return id === null ? this.store.findByOutTradeNo(key) : this.store.find(id);
  }

  /** What does not fit leaves an alert; the caller sees the state that we stand by. */
  private async ask(payment: Payment): Promise<void> {
    try {
      await this.closer.refresh(payment);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'conflict') throw error;
    }
  }
}
