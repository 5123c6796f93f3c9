import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import { JobsService } from '../jobs/jobs.service.js';
import { GoldService } from './gold.service.js';

interface DueLot {
  readonly id: number;
  readonly openId: string;
  readonly appId: string;
  readonly expiresAt: number;
}

const BATCH = 500;
const EVERY_SECONDS = 60;

/** Books expired coins of users whom nobody debits. */
@Injectable()
export class GoldExpiry {
  constructor(
    private readonly database: Database,
    private readonly gold: GoldService,
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('linkv-expiry', () => this.run(), { everySeconds: EVERY_SECONDS });
  }

  /** One user's trouble does not keep the others' coins: it is raised at the end. */
  async run(): Promise<void> {
    const now = this.clock.now();
    const problems: unknown[] = [];
    let after = { id: 0, expiresAt: 0 };
    for (;;) {
      const due = await this.listDue(now, after);
      const last = due.at(-1);
      if (!last) break;
      after = { id: Number(last.id), expiresAt: Number(last.expiresAt) };
      const owners = new Map(due.map(({ openId, appId }) => [openId, appId]));
      for (const [openId, appId] of owners) {
        await this.gold.expire(appId, openId).catch((error: unknown) => problems.push(error));
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, 'coins of some users could not be expired');
  }

  private async listDue(now: number, after: { readonly id: number; readonly expiresAt: number }): Promise<DueLot[]> {
    return this.database.read<DueLot>(
      'SELECT l.id, l.open_id AS openId, u.app_id AS appId, l.expires_at AS expiresAt FROM gold_lots l ' +
        'JOIN linkv_users u ON u.open_id = l.open_id WHERE l.live = 1 AND l.expires_at BETWEEN ? AND ? ' +
        `AND (l.expires_at > ? OR l.id > ?) ORDER BY l.expires_at, l.id LIMIT ${BATCH}`,
      [after.expiresAt, now, after.expiresAt, after.id],
    );
  }
}
