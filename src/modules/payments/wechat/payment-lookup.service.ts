import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../../common/domain-error.js';
import { hasAny, Permission } from '../../../common/permission.js';
import type { Principal } from '../../../common/principal.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { PaymentCloser } from './payment-closer.service.js';

export interface PaymentDetails extends Payment {
  readonly orderIds: readonly number[];
}

/** A payment as its payer may see it, up to date. */
@Injectable()
export class PaymentLookup {
  constructor(
    private readonly payments: PaymentStore,
    private readonly closer: PaymentCloser,
  ) {}

  /**
   * The payer's own payment (root sees all), by id or by out_trade_no; WeChat is asked when ours is still pending.
   * @throws DomainError `not_found`
   */
  async get(user: Principal, key: string): Promise<PaymentDetails> {
    const payment = await this.find(key);
    if (!payment || (payment.userId !== user.userId && !hasAny(user.permission, Permission.Root)))
      throw notFound('payment');
    const orderIds = (await this.payments.shares(payment.id)).map((share) => share.orderId).sort((a, b) => a - b);
    if (payment.status !== 'pending') return { ...payment, orderIds };
    await this.refresh(payment);
    return { ...((await this.payments.find(payment.id)) ?? payment), orderIds };
  }

  private find(key: string): Promise<Payment | null> {
    const id = /^\d{1,15}$/.test(key) ? Number(key) : null;
    return id === null ? this.payments.findByOutTradeNo(key) : this.payments.find(id);
  }

  /** What does not fit leaves an alert; the caller sees the state that we stand by. */
  private async refresh(payment: Payment): Promise<void> {
    try {
      await this.closer.refresh(payment);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'conflict') throw error;
    }
  }
}
