import { Injectable, Logger } from '@nestjs/common';
import { beijingDay, toBeijingDate } from '../../../common/beijing-time.js';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import type { BillLine } from '../../../integrations/wechat/trade-bill.js';
import { WechatPayClient } from '../../../integrations/wechat/wechat-pay.client.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import { PaymentStore } from '../records/payment-store.js';
import { RefundStore } from '../records/refund-store.js';
import { ExternalRefunds } from '../wechat/external-refunds.service.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';
import { matchPayments, matchRefunds } from './bill-match.js';
import { BillStore, type Difference } from './bill-store.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** WeChat has the bill of a day from ten o'clock of the next on. */
const READY = 10 * HOUR;
/** Days that are caught up with after a standstill. */
const DAYS_BACK = 7;

/** WeChat's daily bill against our books: what is missing here is booked, what then still differs is listed and alarms. */
@Injectable()
export class BillService {
  private readonly logger = new Logger('Bill');

  constructor(
    private readonly wechat: WechatPayClient,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly closer: PaymentCloser,
    private readonly external: ExternalRefunds,
    private readonly bills: BillStore,
    private readonly clock: Clock,
  ) {}

  /** Every day whose bill is ready and has not been matched since. One that breaks holds up no other: it is raised at the end. */
  @PeriodicJob({ name: 'payments.bill', everySeconds: 900 })
  async matchDue(): Promise<void> {
    if (!this.wechat.configured) return;
    const latest = this.clock.now() - DAY - READY;
    const problems: unknown[] = [];
    for (let back = DAYS_BACK - 1; back >= 0; back -= 1) {
      const date = toBeijingDate(latest - back * DAY);
      await this.matchOnce(date).catch((error: unknown) => problems.push(error));
    }
    if (problems.length > 0) {
      throw new AggregateError(problems, `the bills of ${problems.length} of ${DAYS_BACK} days could not be matched`);
    }
  }

  /**
   * The differences of a day (Beijing time). One whose bill has not been matched since it was ready is matched now, as far
   * as WeChat has a bill.
   * @throws DomainError `invalid` for no day or one to come
   */
  async listDifferences(date: string): Promise<Difference[]> {
    const day = beijingDay(date);
    if (!day || day.from > this.clock.now()) {
      throw new DomainError('invalid', 'date must be a day YYYY-MM-DD, not one to come');
    }
    if (this.wechat.configured) await this.matchOnce(date);
    return this.bills.list(date);
  }

  private async matchOnce(date: string): Promise<void> {
    if (!(await this.isDone(date))) await this.match(date);
  }

  private async isDone(date: string): Promise<boolean> {
    const matchedAt = await this.bills.findMatchedAt(date);
    return matchedAt !== null && matchedAt >= readyAt(date);
  }

  /** Before a bill is ready, none says nothing; afterwards it says that there was no trade. */
  private async match(date: string): Promise<void> {
    const outcome = await this.wechat.tradeBill(date);
    const empty =
      outcome.kind === 'refused' && outcome.code === 'NO_STATEMENT_EXIST' && this.clock.now() >= readyAt(date);
    if (outcome.kind !== 'ok' && !empty) {
      this.logger.warn({ date, outcome: outcome.kind, reason: 'reason' in outcome ? outcome.reason : outcome.code });
      return;
    }
    const rows = outcome.kind === 'ok' ? outcome.value.rows : [];
    await this.bookMissing(rows);
    await this.bills.replace(date, await this.compare(date, rows));
  }

  /** What the bill has and our books have not: WeChat is asked for a payment, a refund is taken from the bill. One that is refused holds up no other. */
  private async bookMissing(rows: readonly BillLine[]): Promise<void> {
    const refunded = new Set(rows.filter(isRefunded).map((row) => row.outTradeNo));
    for (const row of rows) {
      try {
        await this.bookLine(row, refunded.has(row.outTradeNo));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.logger.error({ outTradeNo: row.outTradeNo, outRefundNo: row.outRefundNo, reason: error.message });
      }
    }
  }

  private async bookLine(row: BillLine, refundFollows: boolean): Promise<void> {
    let payment = await this.payments.findByOutTradeNo(row.outTradeNo);
    if (!payment) return;
    if (payment.status !== 'captured') {
      await this.closer.refresh(payment, { lane: 'jobs', refundFollows });
      payment = (await this.payments.find(payment.id)) ?? payment;
    }
    const { outRefundNo, mchId, outTradeNo, transactionId, refund } = row;
    if (!isRefunded(row) || outRefundNo === null) return;
    if (await this.refunds.findByOutRefundNo(outRefundNo)) return;
    const { amount: total } = payment;
    await this.external.record(payment, { mchId, outRefundNo, outTradeNo, transactionId, refund, total });
  }

  private async compare(date: string, rows: readonly BillLine[]): Promise<Difference[]> {
    const { from, to } = beijingDay(date)!;
    const ours = await this.payments.listCaptured(from, to);
    const refunds = await this.refunds.listCreated(from - DAY, to + DAY);
    const billed = new Set(rows.map((row) => row.outRefundNo));
    const sameDay = refunds.filter((refund) => refund.status !== 'failed' && refund.status !== 'pending');
    const relevant = sameDay.filter(
      (refund) => billed.has(refund.outRefundNo) || (refund.createdAt >= from && refund.createdAt < to),
    );
    return [...matchPayments(rows, ours), ...matchRefunds(rows, relevant)];
  }
}

function isRefunded({ outRefundNo, refundStatus }: BillLine): boolean {
  return outRefundNo !== null && refundStatus === 'SUCCESS';
}

function readyAt(date: string): number {
  return (beijingDay(date)?.to ?? 0) + READY;
}
