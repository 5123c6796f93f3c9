import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import type { Tx } from '../../database/transactions.js';

export interface NotificationRef {
  readonly id: string;
  readonly eventType: string;
  readonly outTradeNo: string;
}

/** WeChat gives up after a day; this is far beyond (milliseconds). */
const KEPT = 30 * 86_400_000;

/** Which notifications have had their effect. */
@Injectable()
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async has(id: string): Promise<boolean> {
    return (await this.database.readOne('SELECT id FROM payment_notifications WHERE id = ?', [id])) !== null;
  }

  /** In the transaction of the effect. False when it has been there before: then there is nothing to do. */
  async accept(tx: Tx, { id, eventType, outTradeNo }: NotificationRef): Promise<boolean> {
    const { affected } = await tx.execute(
      `${tx.sql.insertIgnore} INTO payment_notifications (id, event_type, out_trade_no, received_at) VALUES (?, ?, ?, ?)`,
      [id, eventType.slice(0, 64), outTradeNo.slice(0, 64), this.clock.now()],
    );
    return affected === 1;
  }

  async forgetOld(tx: Tx): Promise<number> {
    const before = this.clock.now() - KEPT;
    return (await tx.execute('DELETE FROM payment_notifications WHERE received_at < ?', [before])).affected;
  }
}
