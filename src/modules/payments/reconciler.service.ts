import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { Transactions } from '../../database/transactions.js';
import { JobsService } from '../jobs/jobs.service.js';
import { OrderSettlement, OrderStatus, SYSTEM } from '../orders/order-settlement.service.js';
import type { Cancellation } from '../orders/open-payments.service.js';
import { BillService } from './bill.service.js';
import { Inbox } from './inbox.js';
import { PaymentCloser } from './payment-closer.service.js';
import { PaymentStore, type Payment } from './payment-store.js';
import { nextCheck } from './reconcile-ladder.js';
import { RefundStore } from './refund-store.js';
import { WechatRefunds } from './wechat-refunds.service.js';

const BATCH = 200;
/** Calls to WeChat at once. */
const PARALLEL = 8;
const DAY = 86_400_000;
const BILL_EVERY_SECONDS = 900;

/** Follows everything that waits for WeChat or for time to pass to its end. Each job may run twice without harm. */
@Injectable()
export class Reconciler implements OnModuleInit {
  private readonly logger = new Logger('Reconciler');

  constructor(
    private readonly transactions: Transactions,
    private readonly jobs: JobsService,
    private readonly payments: PaymentStore,
    private readonly refunds: RefundStore,
    private readonly closer: PaymentCloser,
    private readonly wechatRefunds: WechatRefunds,
    private readonly settlement: OrderSettlement,
    private readonly bills: BillService,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    // Half of a tick, so that it is due at every tick.
    const everySeconds = this.config.jobs.tickSeconds / 2;
    this.jobs.register('payments.reconcile', () => this.reconcile(), { everySeconds });
    this.jobs.register('orders.expire', () => this.expireOrders(), { everySeconds });
    this.jobs.register('orders.confirm', () => this.confirmReceipts(), { everySeconds: Math.max(everySeconds, 60) });
    this.jobs.register('payments.bill', () => this.daily(), { everySeconds: BILL_EVERY_SECONDS });
  }

  /** Pending payments and refunds whose time on the ladder has come. */
  async reconcile(): Promise<void> {
    await this.each(await this.payments.listDue(BATCH), (payment) => this.follow(payment));
    await this.each(await this.refunds.listDue(BATCH), (refund) => this.wechatRefunds.advance(refund));
  }

  /** Unpaid orders past ORDER_PAYMENT_TIMEOUT: closed at WeChat first, then here, and restocked. */
  async expireOrders(): Promise<void> {
    const before = this.clock.now() - this.config.orderPaymentTimeout * 1000;
    const ids = await this.settlement.listUnpaidOlderThan(before, BATCH);
    await this.each(ids, (id) => this.expire(id));
  }

  /** Orders awaiting receipt past ORDER_AUTO_CONFIRM_DAYS. */
  async confirmReceipts(): Promise<void> {
    const before = this.clock.now() - this.config.orderAutoConfirmDays * DAY;
    const ids = await this.settlement.listAutoConfirmable(before, BATCH);
    const why = { actor: SYSTEM, reason: 'receipt confirmed by time' };
    await this.each(ids, (id) => this.transactions.run((tx) => this.settlement.confirmReceipt(tx, id, why)));
  }

  private async daily(): Promise<void> {
    await this.transactions.run((tx) => this.inbox.forgetOld(tx));
    await this.bills.matchDue();
  }

  /** Asks WeChat; what is past its time, or whose orders wait for no money any more, is closed there. */
  private async follow(payment: Payment): Promise<void> {
    const { reconcileLadder } = this.config.jobs;
    const next = nextCheck(reconcileLadder, payment.checks + 1, this.clock.now(), payment.expiresAt);
    await this.transactions.run((tx) => this.payments.schedule(tx, payment.id, next));
    if (!(await this.isOver(payment))) await this.closer.refresh(payment);
    else if ((await this.closer.close(payment)) === 'closed') await this.finishCancellations(payment);
  }

  /** Orders that somebody cancelled while WeChat could not confirm it. */
  private async finishCancellations(payment: Payment): Promise<void> {
    for (const { orderId, cancellation } of await this.payments.shares(payment.id)) {
      if (cancellation !== null) await this.closeOrder(orderId, JSON.parse(cancellation) as Cancellation);
    }
  }

  private async isOver(payment: Payment): Promise<boolean> {
    if (payment.closing === 1 || (payment.expiresAt ?? 0) <= this.clock.now()) return true;
    if (payment.kind === 'recharge') return false;
    const shares = await this.payments.shares(payment.id);
    const orders = await this.settlement.findPayable(shares.map((share) => share.orderId));
    return !orders.some((order) => order.status === OrderStatus.pendingPayment);
  }

  private async expire(orderId: number): Promise<void> {
    await this.closer.clear([orderId]);
    await this.closeOrder(orderId, { actor: SYSTEM, reason: 'not paid in time' });
  }

  private async closeOrder(orderId: number, why: Cancellation): Promise<void> {
    await this.transactions.run(async (tx) => {
      const [order] = await this.settlement.lockOrders(tx, [orderId]);
      if (order?.status !== OrderStatus.pendingPayment || (await this.closer.hasOpen(tx, [orderId]))) return;
      await this.settlement.closeUnpaid(tx, orderId, why);
    });
  }

  /** One that fails holds up no other; it comes up again. */
  private async each<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const queue = [...items];
    const worker = async (): Promise<void> => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        try {
          await work(item);
        } catch (error) {
          if (error instanceof DomainError) this.logger.warn(`comes up again: ${error.message}`);
          else this.logger.error(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, worker));
  }
}
