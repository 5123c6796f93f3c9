import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { isDuplicateKey } from '../../../database/errors.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import { PaymentNotification } from './notification.entity.js';

export type NotificationRef = Pick<PaymentNotification, 'id' | 'eventType' | 'outTradeNo'>;

/** WeChat gives up after a day; this is far beyond (milliseconds). */
const KEPT = 30 * 86_400_000;

/** Which notifications have had their effect. */
@Injectable()
export class Inbox {
  constructor(
    @InjectRepository(PaymentNotification) private readonly notifications: Repository<PaymentNotification>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  has(id: string): Promise<boolean> {
    return this.notifications.existsBy({ id });
  }

  /** Runs the effect of a notification in one transaction with its row here, once; without one, of what a query found. */
  async receive(notification: NotificationRef | undefined, effect: (tx: Tx) => Promise<void>): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!notification || (await this.accept(tx, notification))) await effect(tx);
    });
  }

  @PeriodicJob({ name: 'payments.cleanup', everySeconds: 3600, byAge: true })
  async deleteExpired(): Promise<void> {
    const receivedAt = LessThan(this.clock.now() - KEPT);
    await this.transactions.run((tx) => tx.manager.delete(PaymentNotification, { receivedAt }));
  }

  /** False when it has been there before. */
  private async accept(tx: Tx, { id, eventType, outTradeNo }: NotificationRef): Promise<boolean> {
    try {
      await tx.manager.insert(PaymentNotification, {
        id,
        eventType: eventType.slice(0, 64),
        outTradeNo: outTradeNo.slice(0, 64),
        receivedAt: this.clock.now(),
      });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}
