import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import { tableOf } from '../../database/table.js';
import { PeriodicJob } from '../jobs/periodic-job.decorator.js';
import { GoldLot } from './gold-lot.entity.js';
import { GoldService } from './gold.service.js';
import { LinkvUser } from './linkv-user.entity.js';

interface DueLot extends Pick<GoldLot, 'id' | 'openId' | 'expiresAt'>, Pick<LinkvUser, 'appId'> {}

const BATCH = 500;
const DUE =
  `SELECT ${tableOf(GoldLot).select(['id', 'openId', 'expiresAt'], 'l')}, ${tableOf(LinkvUser).select(['appId'], 'u')} ` +
  'FROM gold_lots l JOIN linkv_users u ON u.open_id = l.open_id WHERE l.live = 1 AND l.expires_at BETWEEN ? AND ? ' +
  'AND (l.expires_at > ? OR l.id > ?) ORDER BY l.expires_at, l.id LIMIT ?';

/** Books expired coins of users whom nobody debits. */
@Injectable()
export class GoldExpiryJob {
  constructor(
    private readonly database: Database,
    private readonly gold: GoldService,
    private readonly clock: Clock,
  ) {}

  /** One user's trouble does not keep the others' coins: it is raised at the end. */
  @PeriodicJob({ name: 'linkv.expire', everySeconds: 60, byAge: true })
  async run(): Promise<void> {
    const now = this.clock.now();
    const problems: unknown[] = [];
    let after: Pick<GoldLot, 'id' | 'expiresAt'> = { id: 0, expiresAt: 0 };
    for (;;) {
      const due = await this.database.read<DueLot>(DUE, [after.expiresAt, now, after.expiresAt, after.id, BATCH]);
      const last = due.at(-1);
      if (!last) break;
      after = last;
      const owners = new Map(due.map(({ openId, appId }) => [openId, appId]));
      for (const [openId, appId] of owners) {
        await this.gold.expire(appId, openId).catch((error: unknown) => problems.push(error));
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, 'coins of some users could not be expired');
  }
}
