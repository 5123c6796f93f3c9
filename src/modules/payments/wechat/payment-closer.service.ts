import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import type { CallFor, Lane } from '../../../integrations/wechat/outgoing.js';
import type { PayOutcome, WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { OpenPayments, type Cancellation } from '../../orders/open-payments.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { CaptureService } from './capture.service.js';

/** What WeChat says an attempt has come to; `unknown` when it cannot be verified now. */
export type AttemptState = 'captured' | 'closed' | 'open' | 'absent' | 'unknown';

export interface Inquiry {
  readonly lane?: Lane | undefined;
  /** Whoever asks knows how much of the payment went back, and books it next. */
  readonly refundFollows?: boolean | undefined;
}

/** Asks WeChat about attempts, and closes them there. */
@Injectable()
export class PaymentCloser extends OpenPayments {
  /** By payment: one question at a time. */
  private readonly asking = new Map<number, Promise<AttemptState>>();

  constructor(
    private readonly transactions: Transactions,
    private readonly wechat: WechatPayClient,
    private readonly store: PaymentStore,
    private readonly capture: CaptureService,
  ) {
    super();
  }

  async clear(orderIds: readonly number[], cancel?: Cancellation, lane?: Lane): Promise<'clear' | 'paid'> {
    let result: 'clear' | 'paid' = 'clear';
    for (const payment of await this.store.openFor(orderIds)) {
      if (cancel) {
        await this.transactions.run((tx) => this.store.markCancelled(tx, payment.id, orderIds, cancel));
      }
      if ((await this.close(payment, lane)) === 'captured') result = 'paid';
    }
    return result;
  }

  async hasOpen(tx: Tx, orderIds: readonly number[]): Promise<boolean> {
    return (await this.store.openForIn(tx, orderIds)).length > 0;
  }

  /**
   * Query, close, and believe only what WeChat signed. What cannot be verified now stays marked, and the reconciler goes on.
   * @throws DomainError `conflict` when WeChat cannot verify it now
   */
  async close(payment: Payment, lane?: Lane): Promise<'captured' | 'closed'> {
    await this.transactions.run((tx) => this.store.markClosing(tx, payment.id));
    const state = await this.refresh(payment, { lane });
    if (state === 'captured' || state === 'closed') return state;
    if (state === 'absent') return this.settleClosed(payment);
    if (state === 'open') {
      const outcome = await this.wechat.close(payment.outTradeNo ?? '', callFor(payment, lane));
      if (outcome.kind === 'ok' || saysGone(outcome)) return this.settleClosed(payment);
      if (outcome.kind === 'refused' && (await this.refresh(payment, { lane })) === 'captured') return 'captured';
    }
    throw new DomainError('conflict', 'WeChat cannot confirm now that the open payment is closed', { retryAfter: 5 });
  }

  /**
   * Asks WeChat, and books what it says; who asks for the same payment meanwhile shares the answer.
   * @throws DomainError `conflict` when the answer does not fit the attempt
   */
  async refresh(payment: Payment, inquiry: Inquiry = {}): Promise<AttemptState> {
    const asked = this.asking.get(payment.id);
    if (asked) return asked;
    const asking = this.ask(payment, inquiry).finally(() => this.asking.delete(payment.id));
    this.asking.set(payment.id, asking);
    return asking;
  }

  private async ask(payment: Payment, { lane, refundFollows }: Inquiry): Promise<AttemptState> {
    const outcome = await this.wechat.queryByOutTradeNo(payment.outTradeNo ?? '', callFor(payment, lane));
    if (outcome.kind === 'refused') return saysGone(outcome) ? 'absent' : 'unknown';
    if (outcome.kind !== 'ok') return 'unknown';
    const found = outcome.value;
    if (isPaid(found)) {
      await this.capture.record(payment, found, { refundFollows });
      return 'captured';
    }
    if (found.tradeState !== 'CLOSED') return 'open';
    return this.settleClosed(payment);
  }

  async settleClosed(payment: Payment): Promise<'captured' | 'closed'> {
    const moved = await this.transactions.run((tx) => this.store.move(tx, payment.id, 'closed'));
    if (moved) return 'closed';
    return (await this.store.find(payment.id))?.status === 'captured' ? 'captured' : 'closed';
  }
}

/** The jobs ask for nobody. */
function callFor({ userId }: Payment, lane?: Lane): CallFor {
  return lane === 'jobs' ? { lane } : { lane, caller: userId };
}

/** Refunded since, wholly or partly, it was paid all the same. */
function isPaid(found: WechatTransaction): boolean {
  return found.tradeState === 'SUCCESS' || found.tradeState === 'REFUND';
}

function saysGone(outcome: PayOutcome<unknown>): boolean {
  return (
    outcome.kind === 'refused' &&
    ['ORDER_NOT_EXIST', 'ORDER_CLOSED', 'ORDERNOTEXIST', 'ORDERCLOSED'].includes(outcome.code)
  );
}
