import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Transactions } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { OrderStatus } from '../../orders/order-status.js';
import { PaymentStore } from '../records/payment-store.js';
import type { Payment } from '../records/payment.entity.js';
import { RefundStore } from '../records/refund-store.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';
import { WechatRefunds } from '../wechat/wechat-refunds.service.js';
import { inParallel } from './in-parallel.js';
import { OrderDeadlines } from './order-deadlines.service.js';

const BATCH = 200;

/** Follows everything that waits for WeChat to its end. */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger('Reconciler');

  constructor(
    private readonly transactions: Transactions,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly closer: PaymentCloser,
    private readonly wechatRefunds: WechatRefunds,
    private readonly lifecycle: OrderLifecycle,
    private readonly deadlines: OrderDeadlines,
    private readonly clock: Clock,
  ) {}

  /** Pending payments and refunds whose time on the ladder has come; half of a tick, so that it is due at every tick. */
  @PeriodicJob({ name: 'payments.reconcile', everySeconds: ({ jobs }) => jobs.tickSeconds / 2 })
  async reconcile(): Promise<void> {
    await inParallel(await this.payments.listDue(BATCH), this.logger, (payment) => this.follow(payment));
    await inParallel(await this.refunds.listDue(BATCH), this.logger, (refund) =>
      this.wechatRefunds.advance(refund, 'jobs'),
    );
  }

  /** Asks WeChat; what is past its time, or whose orders wait for no money any more, is closed there. */
  private async follow(payment: Payment): Promise<void> {
    await this.transactions.run((tx) => this.payments.scheduleCheck(tx, payment));
    if (!(await this.isOver(payment))) await this.closer.refresh(payment, { lane: 'jobs' });
    else if ((await this.closer.close(payment, 'jobs')) === 'closed') await this.finishCancellations(payment);
  }

  /** Orders that somebody cancelled while WeChat could not confirm it. */
  private async finishCancellations(payment: Payment): Promise<void> {
    for (const { orderId, cancellation } of await this.payments.shares(payment.id)) {
      if (cancellation !== null) await this.deadlines.closeUnpaid(orderId, cancellation);
    }
  }

  private async isOver(payment: Payment): Promise<boolean> {
    if (payment.closing) return true;
    if (this.clock.isSettled && (payment.expiresAt ?? 0) <= this.clock.now()) return true;
    if (payment.kind === 'recharge') return false;
    const shares = await this.payments.shares(payment.id);
    const orders = await this.lifecycle.findPayable(shares.map((share) => share.orderId));
    return !orders.some((order) => order.status === OrderStatus.pendingPayment);
  }
}
