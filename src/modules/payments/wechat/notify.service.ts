import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { DomainError, notFound } from '../../../common/domain-error.js';
import type { NotifyEvent, NotifyRefusal } from '../../../integrations/wechat/notify.js';
import type { WechatRefund, WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { Inbox, type NotificationRef } from '../records/inbox.js';
import { PaymentAlerts } from '../records/payment-alerts.service.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { RefundStore } from '../records/refund-store.js';
import { CaptureService } from './capture.service.js';
import { ExternalRefunds } from './external-refunds.service.js';
import { WechatRefunds } from './wechat-refunds.service.js';

/** WeChat's notifications. Returning means that the effect is committed; whatever is thrown has WeChat send it again. */
@Injectable()
export class NotifyService {
  private readonly logger = new Logger('Notify');

  constructor(
    private readonly wechat: WechatPayClient,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly capture: CaptureService,
    private readonly wechatRefunds: WechatRefunds,
    private readonly external: ExternalRefunds,
    private readonly inbox: Inbox,
    private readonly alerts: PaymentAlerts,
  ) {}

  /**
   * @throws DomainError `too_large`, `invalid` for what WeChat did not sign for us now, `not_found` for unknown numbers,
   * `conflict` for what does not fit ours, `unavailable` when a refund's payment cannot be verified yet
   */
  async receive(rawBody: Buffer | undefined, headers: IncomingHttpHeaders): Promise<void> {
    if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
      throw new DomainError('unsupported_media_type', 'notifications are JSON');
    }
    const opened = this.wechat.openNotify(rawBody ?? Buffer.alloc(0), headers);
    if (!opened.ok) throw this.refusal(opened.reason);
    const { event } = opened;
    if (await this.inbox.has(event.id)) return;
    if (event.kind === 'transaction') await this.transaction(event, event.transaction);
    else if (event.kind === 'refund') await this.refund(event, event.refund);
    else this.logger.log(`notification ${event.eventType} needs nothing`);
  }

  private async transaction(event: NotifyEvent, found: WechatTransaction): Promise<void> {
    const notification = refOf(event, found.outTradeNo);
    await this.capture.record(await this.known(found.outTradeNo, event), found, { notification });
  }

  private async refund(event: NotifyEvent, found: WechatRefund): Promise<void> {
    const ref = refOf(event, found.outTradeNo);
    const own = await this.refunds.findByOutRefundNo(found.outRefundNo);
    if (own && own.origin !== 'external') return this.wechatRefunds.record(own, found, ref);
    await this.external.receive(await this.known(found.outTradeNo, event), found, ref);
  }

  private async known(outTradeNo: string, event: NotifyEvent): Promise<Payment> {
    const payment = await this.payments.findByOutTradeNo(outTradeNo);
    if (payment) return payment;
    await this.alerts.raise('unknown_order', outTradeNo, { eventType: event.eventType });
    throw notFound('payment');
  }

  private refusal(reason: NotifyRefusal): DomainError {
    this.logger.warn(`notification refused: ${reason}`);
    if (reason === 'too_large') return new DomainError('too_large', 'a notification has at most 64 KiB');
    if (reason === 'not_configured') return new DomainError('unavailable', 'WeChat Pay is not configured');
    return new DomainError('invalid', 'this notification was not signed by WeChat Pay for us just now');
  }
}

function refOf({ id, eventType }: NotifyEvent, outTradeNo: string): NotificationRef {
  return { id, eventType, outTradeNo };
}
