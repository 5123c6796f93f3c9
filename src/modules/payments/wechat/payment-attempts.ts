import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import { Config } from '../../../config/config.js';
import type { Tx } from '../../../database/transactions.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { UsersService } from '../../users/users.service.js';
import type { PaymentDraft } from '../records/payment-store.js';
import type { FrozenPrepay, Payment } from '../records/payment.entity.js';

/** What an attempt asks of WeChat, before it has a number. */
export interface PaymentRequest extends Pick<Payment, 'kind' | 'userId' | 'amount'> {
  readonly description: string;
  /** Null pays through the mobile app. */
  readonly openid: string | null;
}

const MOST_DESCRIPTION = 127;
/** WeChat raises an earlier expiry to this (milliseconds). */
const SHORTEST_LIFE = 60_000;

/** What an attempt at WeChat is made of: who pays, under which number, until when. */
@Injectable()
export class PaymentAttempts {
  constructor(
    private readonly users: UsersService,
    private readonly wechat: WechatPayClient,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * The openid under which the user pays in the mini program; null when he has no login there.
   * @throws DomainError `unavailable` without pay credentials
   */
  async payerOf(userId: number): Promise<string | null> {
    if (!this.wechat.configured) throw new DomainError('unavailable', 'WeChat Pay is not configured');
    return this.users.findOpenid(userId, this.config.wechat.miniProgram.appId);
  }

  /** For an attempt whose money goes into the payer's own wallet; raises as {@link UsersService.holdActive} does. */
  holdPayer(tx: Tx, userId: number): Promise<void> {
    return this.users.holdActive(tx, userId);
  }

  /** The row of a new attempt, with its number and the very parameters that WeChat will get. */
  freeze({ kind, userId, amount, description, openid }: PaymentRequest): PaymentDraft {
    const now = this.clock.now();
    const outTradeNo = `LM${randomBytes(14).toString('hex')}`;
    const life = this.config.orderPaymentTimeout * 1000;
    const tradeType = openid === null ? 'APP' : 'JSAPI';
    const parameters: FrozenPrepay = {
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
      tradeType,
      appId: this.appOf(tradeType),
      openid,
      parameters,
      expiresAt: now + life,
    };
  }

  /** Whether a repeat may go on with this attempt instead of making another. */
  isReusable({ closing, appId, tradeType, expiresAt }: Payment): boolean {
    return !closing && appId === this.appOf(tradeType) && (expiresAt ?? 0) > this.clock.now();
  }

  private appOf(tradeType: Payment['tradeType']): string {
    const { miniProgram, mobileApp } = this.config.wechat;
    return tradeType === 'APP' ? mobileApp.appId : miniProgram.appId;
  }
}
