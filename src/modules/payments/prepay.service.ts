import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { Transactions } from '../../database/transactions.js';
import type { JsapiPrepayParameters, PayOutcome, PrepayParameters } from '../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../integrations/wechat/wechat-pay.client.js';
import { PaymentAlerts } from './payment-alerts.service.js';
import { PaymentCloser } from './payment-closer.service.js';
import { PaymentStore, type Payment, type PaymentDraft } from './payment-store.js';
import { nextCheck } from './reconcile-ladder.js';

/** What an attempt asks of WeChat, before it has a number. */
export interface Collection {
  readonly kind: Payment['kind'];
  readonly userId: number;
  readonly amount: Payment['amount'];
  readonly description: string;
  /** Null pays through the mobile app. */
  readonly openid: string | null;
}

const MOST_DESCRIPTION = 127;
/** WeChat raises an earlier expiry to this (milliseconds). */
const SHORTEST_LIFE = 60_000;

/** Attempts at WeChat: their parameters are frozen before the first call and replayed by every other. */
@Injectable()
export class PrepayService {
  private readonly logger = new Logger('Prepay');

  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly store: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly alerts: PaymentAlerts,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** @throws DomainError `unavailable` without pay credentials */
  requireConfigured(): void {
    if (!this.wechat.configured) throw new DomainError('unavailable', 'WeChat Pay is not configured');
  }

  /** The row of a new attempt, with its number and the very parameters that WeChat will get. */
  freeze({ kind, userId, amount, description, openid }: Collection): PaymentDraft {
    const now = this.clock.now();
    const outTradeNo = `LM${randomBytes(14).toString('hex')}`;
    const life = this.config.orderPaymentTimeout * 1000;
    const expiresAt = now + life;
    const { miniProgram, mobileApp } = this.config.wechat;
    const parameters = {
      outTradeNo,
      description: Array.from(description).slice(0, MOST_DESCRIPTION).join('') || 'livemall',
      total: amount,
      expiresAt: now + Math.max(SHORTEST_LIFE, life),
      notifyUrl: this.config.wechat.pay?.notifyUrl,
      ...(openid === null ? {} : { openid }),
    };
    return {
      kind,
      userId,
      channel: 'wechat',
      status: 'pending',
      amount,
      outTradeNo,
      tradeType: openid === null ? 'APP' : 'JSAPI',
      appId: openid === null ? mobileApp.appId : miniProgram.appId,
      openid,
      parameters: JSON.stringify(parameters),
      expiresAt,
      nextCheckAt: nextCheck(this.config.jobs.reconcileLadder, 0, now, expiresAt),
    };
  }

  /** Whether a repeat may go on with this attempt instead of making another. */
  reusable(payment: Payment): boolean {
    const { miniProgram, mobileApp } = this.config.wechat;
    const appId = payment.tradeType === 'APP' ? mobileApp.appId : miniProgram.appId;
    return payment.closing === 0 && payment.appId === appId && (payment.expiresAt ?? 0) > this.clock.now();
  }

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
    const frozen = JSON.parse(payment.parameters!) as PrepayParameters & {
      readonly openid?: string;
      expiresAt: number;
    };
    const parameters = { ...frozen, expiresAt: new Date(frozen.expiresAt) };
    if (payment.tradeType === 'APP') return this.wechat.prepayApp(parameters);
    return this.wechat.prepayJsapi(parameters as JsapiPrepayParameters);
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
