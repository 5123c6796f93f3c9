import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '../../../common/domain-error.js';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import type { Principal } from '../../../common/principal.js';
import { Idempotency } from '../../../database/idempotency.js';
import { account } from '../../ledger/chart-of-accounts.js';
import { LedgerService } from '../../ledger/ledger.service.js';
import { posting } from '../records/payment-postings.js';
import { RechargeStore } from '../records/recharge-store.js';
import { RefundBooking } from '../records/refund-booking.service.js';
import { RefundsService, type RefundResult } from '../refunds/refunds.service.js';
import { PaymentLookup } from '../wechat/payment-lookup.service.js';

/** Recharges that root gives back. */
@Injectable()
export class RechargeRefunds {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly payments: PaymentLookup,
    private readonly recharges: RechargeStore,
    private readonly ledger: LedgerService,
    private readonly booking: RefundBooking,
    private readonly refunds: RefundsService,
  ) {}

  /**
   * Gives a whole recharge back while its balance is unspent: the bonus is taken back first, then the money goes to WeChat.
   * @throws DomainError `not_found`; `conflict` when it was not paid or has been refunded; `insufficient_balance` once it is spent
   */
  async request(
    ref: IdempotencyRef | null,
    user: Principal,
    paymentKey: string,
    reason: string,
  ): Promise<RefundResult> {
    const payment = await this.payments.get(user, paymentKey);
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
      const actor = { kind: 'root', userId: user.userId } as const;
      const request = { origin: 'request', actor, reason } as const;
      return { refundId: await this.booking.openRecharge(tx, payment, postings, { itemId, name }, request) };
    });
    return this.refunds.follow(refundId, ref?.replayed === true);
  }
}
