import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Transactions, type Tx } from '../../database/transactions.js';

export type AlertKind =
  /** A genuine message of WeChat's that does not fit what we asked for. */
  | 'mismatch'
  | 'unknown_order'
  | 'prepay_refused'
  | 'refund_refused'
  | 'refund_closed'
  | 'refund_abnormal'
  | 'refund_no_funds'
  | 'external_refund'
  /** Money that nobody's balance covered any more. */
  | 'loss'
  | 'bill';

/** What a person must look at: a row, and an error in the log. */
@Injectable()
export class PaymentAlerts {
  private readonly logger = new Logger('PaymentAlert');

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async raise(kind: AlertKind, subject: string, detail: object): Promise<void> {
    await this.transactions.run((tx) => this.raiseIn(tx, kind, subject, detail));
  }

  /** The log line comes with the commit; the same alert again counts up its row. */
  async raiseIn(tx: Tx, kind: AlertKind, subject: string, detail: object): Promise<void> {
    const text = JSON.stringify(detail);
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([kind, subject, text]))
      .digest('hex');
    await tx.execute(
      'INSERT INTO payment_alerts (fingerprint, kind, subject, detail, count, created_at) VALUES (?, ?, ?, ?, 1, ?)' +
        tx.sql.onConflict(['fingerprint'], 'count = payment_alerts.count + 1'),
      [fingerprint, kind, subject.slice(0, 64), text, this.clock.now()],
    );
    tx.afterCommit(() => this.logger.error({ alert: kind, subject, detail }));
  }
}
