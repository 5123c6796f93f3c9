import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { Transactions } from '../../../database/transactions.js';
import type { PayOutcome } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { PaymentCloser } from './payment-closer.service.js';

/** Prepay calls: an attempt's parameters were frozen before the first and are replayed by every other. */
@Injectable()
export class PrepayService {
  private readonly logger = new Logger('Prepay');

  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly alerts: PaymentAlerts,
  ) {}

  /**
   * Asks WeChat for the attempt's prepay id; null when WeChat has closed the number, so that a new one is needed.
   * @throws DomainError `unavailable` while the result is unknown: the same call may be repeated; `conflict` when it has
   * been paid or closed meanwhile, or WeChat refuses it for good
   */
  async prepay(payment: Payment): Promise<string | null> {
    const outcome = await this.call(payment);
    if (outcome.kind === 'refused') return this.refused(payment, outcome.code);
    if (outcome.kind !== 'ok') {
      const cause = outcome.kind === 'retry' ? outcome.code : outcome.reason;
      throw new DomainError('unavailable', 'WeChat did not answer, please try again', { retryAfter: 2, cause });
    }
    const now = await this.store.find(payment.id);
    if (now?.status !== 'pending') {
      if (now?.status === 'closed') await this.wechat.close(payment.outTradeNo ?? '');
      throw new DomainError('conflict', now?.status === 'captured' ? 'this has been paid' : 'this payment was closed');
    }
    return outcome.value.prepayId;
  }

  private call(payment: Payment): Promise<PayOutcome<{ prepayId: string }>> {
    const { openid, expiresAt, ...frozen } = payment.parameters!;
    const parameters = { ...frozen, expiresAt: new Date(expiresAt) };
    return openid === undefined
      ? this.wechat.prepayApp(parameters, payment.userId)
      : this.wechat.prepayJsapi({ ...parameters, openid }, payment.userId);
  }

  private async refused(payment: Payment, code: string): Promise<null> {
    if (code === 'ORDERPAID') {
      await this.closer.refresh(payment);
      throw new DomainError('conflict', 'this has been paid');
    }
    if (code === 'ORDER_CLOSED') {
      await this.closer.settleClosed(payment);
      return null;
    }
    this.logger.error({ outTradeNo: payment.outTradeNo, code });
    await this.transactions.run(async (tx) => {
      await this.store.move(tx, payment.id, 'failed');
      await this.alerts.raiseIn(tx, 'prepay_refused', payment.outTradeNo ?? '', { code });
    });
    throw new DomainError('conflict', 'WeChat refused this payment');
  }
}
