import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { Idempotency } from '../../../database/idempotency.js';
import { Transactions } from '../../../database/transactions.js';
import type { AppPayment, MiniProgramPayment } from '../../../integrations/wechat/merchant-signer.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { RechargeStore } from '../records/recharge-store.js';
import type { RechargeItem } from '../records/recharge.entity.js';
import { PaymentAttempts } from '../wechat/payment-attempts.js';
import { PrepayService } from '../wechat/prepay.service.js';
import { RechargeItems } from './recharge-items.service.js';

/** A recharge payment that waits for its user. */
export interface StartedRecharge {
  readonly item: RechargeItem;
  readonly paymentId: number;
  /** Random; what the web wire calls payment_id. `GET order/payment` understands it too. */
  readonly outTradeNo: string;
  readonly app: AppPayment;
  /** For a user with a mini-program login. */
  readonly miniProgram: MiniProgramPayment | null;
}

/** Buying balance: a WeChat payment whose capture credits the money and the bonus, once. */
@Injectable()
export class RechargeService {
  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly items: RechargeItems,
    private readonly recharges: RechargeStore,
    private readonly store: PaymentStore,
    private readonly attempts: PaymentAttempts,
    private readonly prepay: PrepayService,
    private readonly wechat: WechatPayClient,
  ) {}

  /**
   * Starts the payment of an item, JSAPI for a user with a mini-program login, otherwise APP. A repeat while the first is
   * unpaid goes on with the same attempt.
   * @throws DomainError `not_found`; `invalid_token` when the account was given up meanwhile; `unavailable` when WeChat's answer is unknown, and the same call may be repeated
   */
  async createOrder(ref: IdempotencyRef | null, userId: number, itemId: number): Promise<StartedRecharge> {
    return this.idempotency.around(ref, async () => {
      const item = await this.items.get(itemId);
      const openid = await this.attempts.payerOf(userId);
      for (let round = 0; round < 2; round += 1) {
        const payment = (await this.findOpen(userId, item, openid)) ?? (await this.open(userId, item, openid));
        const prepayId = await this.prepay.prepay(payment);
        if (prepayId !== null) return this.started(item, payment, prepayId);
      }
      throw new DomainError('unavailable', 'WeChat closed this payment, please try again');
    });
  }

  private async findOpen(userId: number, item: RechargeItem, openid: string | null): Promise<Payment | null> {
    for (const payment of await this.store.openRecharges(userId, item.id)) {
      if (payment.openid !== openid || !this.attempts.isReusable(payment)) continue;
      const frozen = await this.recharges.get(payment.id);
      if (frozen.money === item.money && frozen.charge === item.charge && frozen.name === item.name) return payment;
    }
    return null;
  }

  private async open(userId: number, item: RechargeItem, openid: string | null): Promise<Payment> {
    const { id: itemId, name, money, charge } = item;
    const draft = this.attempts.freeze({ kind: 'recharge', userId, amount: money, description: name, openid });
    const paymentId = await this.transactions.run(async (tx) => {
      await this.attempts.holdPayer(tx, userId);
      const id = await this.store.insert(tx, draft, []);
      await this.recharges.insert(tx, { paymentId: id, userId, itemId, name, money, charge });
      return id;
    });
    const payment = await this.store.find(paymentId);
    if (!payment) throw notFound('payment');
    return payment;
  }

  private started(item: RechargeItem, payment: Payment, prepayId: string): StartedRecharge {
    return {
      item,
      paymentId: payment.id,
      outTradeNo: payment.outTradeNo!,
      app: this.wechat.signApp(prepayId),
      miniProgram: payment.openid === null ? null : this.wechat.signMiniProgram(prepayId),
    };
  }
}
