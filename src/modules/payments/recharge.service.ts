import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import { Idempotency } from '../../database/idempotency.js';
import { Transactions } from '../../database/transactions.js';
import type { AppPayment, MiniProgramPayment } from '../../integrations/wechat/merchant-signer.js';
import { WechatPayClient } from '../../integrations/wechat/wechat-pay.client.js';
import { account } from '../ledger/chart-of-accounts.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { UsersService } from '../users/users.service.js';
import { KeyedCall } from './keyed-call.js';
import { posting } from './payment-postings.js';
import { PaymentStore, type Payment } from './payment-store.js';
import { PaymentsService } from './payments.service.js';
import { PrepayService } from './prepay.service.js';
import { RechargeItems, type RechargeItem } from './recharge-items.service.js';
import { RechargeStore } from './recharge-store.js';
import { nextCheck } from './reconcile-ladder.js';
import { RefundBooking } from './refund-booking.service.js';
import { RefundsService, type RefundAnswer } from './refunds.service.js';

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
    private readonly keyed: KeyedCall,
    private readonly users: UsersService,
    private readonly items: RechargeItems,
    private readonly recharges: RechargeStore,
    private readonly store: PaymentStore,
    private readonly payments: PaymentsService,
    private readonly prepay: PrepayService,
    private readonly wechat: WechatPayClient,
    private readonly ledger: LedgerService,
    private readonly booking: RefundBooking,
    private readonly refunds: RefundsService,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Starts the payment of an item, JSAPI for a user with a mini-program login, otherwise APP. A repeat while the first is
   * unpaid goes on with the same attempt.
   * @throws DomainError `not_found`; `unavailable` when WeChat's answer is unknown, and the same call may be repeated
   */
  async createOrder(ref: IdempotencyRef | null, userId: number, itemId: number): Promise<StartedRecharge> {
    return this.keyed.once(ref, async () => {
      const item = await this.items.get(itemId);
      this.prepay.requireConfigured();
      const openid = await this.users.findOpenid(userId, this.config.wechat.miniProgram.appId);
      for (let round = 0; round < 2; round += 1) {
        const payment = (await this.findOpen(userId, item, openid)) ?? (await this.open(userId, item, openid));
        const prepayId = await this.prepay.prepay(payment);
        if (prepayId !== null) return this.started(item, payment, prepayId);
      }
      throw new DomainError('unavailable', 'WeChat closed this payment, please try again');
    });
  }

  /**
   * Gives a whole recharge back while its balance is unspent: the bonus is taken back first, then the money goes to WeChat.
   * @throws DomainError `not_found`; `conflict` when it was not paid or has been refunded; `insufficient_balance` once it is spent
   */
  async refund(ref: IdempotencyRef | null, user: Principal, paymentKey: string, reason: string): Promise<RefundAnswer> {
    const payment = await this.payments.getPayment(user, paymentKey);
    if (payment.kind !== 'recharge') throw notFound('recharge');
    const { userId, itemId, name, money, charge } = await this.recharges.get(payment.id);
    const { refundId } = await this.idempotency.once(ref, async (tx) => {
      if (payment.status !== 'captured') throw new DomainError('conflict', 'this recharge was not paid');
      const balance = account.userBalance(userId);
      const postings = [
        ...posting(balance, account.platform('bonus'), charge),
        ...posting(balance, account.platform('wechat'), money),
      ];
      await this.ledger.lockBalance(tx, balance, 'CNY');
      const id = await this.booking.openRecharge(tx, payment, postings, {
        origin: 'request',
        actor: { kind: 'root', userId: user.userId },
        reason,
        nextCheckAt: nextCheck(this.config.jobs.reconcileLadder, 0, this.clock.now()),
        name,
        itemId,
      });
      return { refundId: id };
    });
    return this.refunds.follow(refundId, ref?.replayed === true);
  }

  private async findOpen(userId: number, item: RechargeItem, openid: string | null): Promise<Payment | null> {
    for (const payment of await this.store.openRecharges(userId, item.id)) {
      if (payment.openid !== openid || !this.prepay.reusable(payment)) continue;
      const frozen = await this.recharges.get(payment.id);
      if (frozen.money === item.money && frozen.charge === item.charge && frozen.name === item.name) return payment;
    }
    return null;
  }

  private async open(userId: number, item: RechargeItem, openid: string | null): Promise<Payment> {
    const { id: itemId, name, money, charge } = item;
    const draft = this.prepay.freeze({ kind: 'recharge', userId, amount: money, description: name, openid });
    const paymentId = await this.transactions.run(async (tx) => {
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
