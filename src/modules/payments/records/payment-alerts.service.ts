import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { sha256 } from '../../../common/sha256.js';
import { tableOf } from '../../../database/table.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { PaymentAlert, type AlertKind } from './payment-alert.entity.js';

const ALERTS = tableOf(PaymentAlert);

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
    const fingerprint = sha256(JSON.stringify([kind, subject, JSON.stringify(detail)]));
    const alert = { fingerprint, kind, subject: subject.slice(0, 64), detail, count: 1, createdAt: this.clock.now() };
    const { sql, params } = ALERTS.insert([alert]);
    await tx.execute(sql + tx.sql.onConflict(['fingerprint'], 'count = payment_alerts.count + 1'), params);
    tx.afterCommit(() => this.logger.error({ alert: kind, subject, detail }));
  }
}
