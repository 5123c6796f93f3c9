import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { Config } from '../../../config/config.js';
import { Transactions } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import type { Cancellation } from '../../orders/open-payments.js';
import { OrderLifecycle } from '../../orders/order-lifecycle.service.js';
import { OrderStatus } from '../../orders/order-status.js';
import { SYSTEM } from '../../orders/order.js';
import { WaitingOrders, WAITING_PAGE } from '../../orders/waiting-orders.service.js';
import { PaymentStore } from '../records/payment-store.js';
import { PaymentCloser } from '../wechat/payment-closer.service.js';
import { inParallel } from './in-parallel.js';

const DAY = 86_400_000;
const LATE: Cancellation = { actor: SYSTEM, reason: 'not paid in time' };

/** Orders for which time has passed. */
@Injectable()
export class OrderDeadlines {
  private readonly logger = new Logger('OrderDeadlines');
  /** The last order that WeChat was asked about. */
  private lastAsked = 0;

  constructor(
    private readonly transactions: Transactions,
    private readonly lifecycle: OrderLifecycle,
    private readonly waiting: WaitingOrders,
    private readonly payments: PaymentStore,
    private readonly closer: PaymentCloser,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Unpaid orders past ORDER_PAYMENT_TIMEOUT: closed at WeChat first where somebody tried to pay there, then here, and restocked. */
  @PeriodicJob({ name: 'orders.expire', everySeconds: ({ jobs }) => jobs.tickSeconds / 2, byAge: true })
  async expire(): Promise<void> {
    const before = this.clock.now() - this.config.orderPaymentTimeout * 1000;
    const open: number[] = [];
    for await (const ids of this.waiting.pages(OrderStatus.pendingPayment, before)) {
      const asking = await this.payments.openAmong(ids);
      open.push(...asking);
      await inParallel(
        ids.filter((id) => !asking.has(id)),
        this.logger,
        (id) => this.closeUnpaid(id, LATE),
      );
    }
    await inParallel(this.nextOf(open), this.logger, async (id) => {
      await this.closer.clear([id], undefined, 'jobs');
      await this.closeUnpaid(id, LATE);
    });
  }

  /** Orders awaiting receipt past ORDER_AUTO_CONFIRM_DAYS. */
  @PeriodicJob({ name: 'orders.confirm', everySeconds: ({ jobs }) => Math.max(jobs.tickSeconds / 2, 60), byAge: true })
  async confirmReceipts(): Promise<void> {
    const before = this.clock.now() - this.config.orderAutoConfirmDays * DAY;
    const why = { actor: SYSTEM, reason: 'receipt confirmed by time' };
    for await (const ids of this.waiting.pages(OrderStatus.awaitingReceipt, before)) {
      await inParallel(ids, this.logger, (id) =>
        this.transactions.run((tx) => this.lifecycle.confirmReceipt(tx, id, why)),
      );
    }
  }

  /** Unless it is not unpaid any more, or a payment of it is open. */
  async closeUnpaid(orderId: number, why: Cancellation): Promise<void> {
    await this.transactions.run(async (tx) => {
      const [order] = await this.lifecycle.lockOrders(tx, [orderId]);
      if (order?.status !== OrderStatus.pendingPayment || (await this.closer.hasOpen(tx, [orderId]))) return;
      await this.lifecycle.closeUnpaid(tx, orderId, why);
    });
  }

  /** Each run asks about other orders, as long as there are more than one run can ask about. */
  private nextOf(orders: readonly number[]): number[] {
    const sorted = orders.toSorted((a, b) => a - b);
    const start = Math.max(
      0,
      sorted.findIndex((id) => id > this.lastAsked),
    );
    const next = [...sorted.slice(start), ...sorted.slice(0, start)].slice(0, WAITING_PAGE);
    this.lastAsked = next.at(-1) ?? 0;
    return next;
  }
}
