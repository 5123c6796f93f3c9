import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import type { BillLine } from '../../../integrations/wechat/trade-bill.js';
import { PaymentStore } from '../records/payment-store.js';
import { RefundStore } from '../records/refund-store.js';
import { ExternalRefunds } from '../wechat/external-refunds.service.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';

/** What the bill has and our books have not: WeChat is asked for a payment, a refund is taken from the bill. */
@Injectable()
export class MissingTrades {
  private readonly logger = new Logger('Bill');

  constructor(
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly closer: PaymentCloser,
    private readonly external: ExternalRefunds,
  ) {}

  /** One that is refused holds up no other. */
  async book(rows: readonly BillLine[]): Promise<void> {
    for (const row of rows) {
      try {
        await this.bookLine(row);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.logger.error({ outTradeNo: row.outTradeNo, outRefundNo: row.outRefundNo, reason: error.message });
      }
    }
  }

  private async bookLine(row: BillLine): Promise<void> {
    let payment = await this.payments.findByOutTradeNo(row.outTradeNo);
    if (!payment) return;
    if (payment.status !== 'captured') {
      await this.closer.refresh(payment);
      payment = (await this.payments.find(payment.id)) ?? payment;
    }
    const { outRefundNo, mchId, outTradeNo, transactionId, refund } = row;
    if (outRefundNo === null || row.refundStatus !== 'SUCCESS') return;
    if (await this.refunds.findByOutRefundNo(outRefundNo)) return;
    const { amount: total } = payment;
    await this.external.record(payment, { mchId, outRefundNo, outTradeNo, transactionId, refund, total });
  }
}
