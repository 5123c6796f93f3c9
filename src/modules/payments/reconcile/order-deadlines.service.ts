import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Config } from '../../../config/config.js';
import { Transactions } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import type { Cancellation } from '../../orders/open-payments.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { OrderStatus } from '../../orders/order-status.js';
import { SYSTEM } from '../../orders/order.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';
import { inParallel } from './in-parallel.js';

const BATCH = 200;
const DAY = 86_400_000;

/** Orders for which time has passed. */
@Injectable()
export class OrderDeadlines {
  private readonly logger = new Logger('OrderDeadlines');

  constructor(
    private readonly transactions: Transactions,
    private readonly lifecycle: OrderLifecycle,
    private readonly closer: PaymentCloser,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Unpaid orders past ORDER_PAYMENT_TIMEOUT: closed at WeChat first, then here, and restocked. */
  @PeriodicJob({ name: 'orders.expire', everySeconds: ({ jobs }) => jobs.tickSeconds / 2 })
  async expire(): Promise<void> {
    const before = this.clock.now() - this.config.orderPaymentTimeout * 1000;
    const ids = await this.lifecycle.listUnpaidOlderThan(before, BATCH);
    await inParallel(ids, this.logger, async (id) => {
      await this.closer.clear([id]);
      await this.closeUnpaid(id, { actor: SYSTEM, reason: 'not paid in time' });
    });
  }

  /** Orders awaiting receipt past ORDER_AUTO_CONFIRM_DAYS. */
  @PeriodicJob({ name: 'orders.confirm', everySeconds: ({ jobs }) => Math.max(jobs.tickSeconds / 2, 60) })
  async confirmReceipts(): Promise<void> {
    const before = this.clock.now() - this.config.orderAutoConfirmDays * DAY;
    const ids = await this.lifecycle.listAutoConfirmable(before, BATCH);
    const why = { actor: SYSTEM, reason: 'receipt confirmed by time' };
    await inParallel(ids, this.logger, (id) =>
      this.transactions.run((tx) => this.lifecycle.confirmReceipt(tx, id, why)),
    );
  }

  /** Unless it is not unpaid any more, or a payment of it is open. */
  async closeUnpaid(orderId: number, why: Cancellation): Promise<void> {
    await this.transactions.run(async (tx) => {
      const [order] = await this.lifecycle.lockOrders(tx, [orderId]);
      if (order?.status !== OrderStatus.pendingPayment || (await this.closer.hasOpen(tx, [orderId]))) return;
      await this.lifecycle.closeUnpaid(tx, orderId, why);
    });
  }
}
