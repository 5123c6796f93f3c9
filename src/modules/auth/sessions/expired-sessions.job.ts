import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import { LoginSession } from './login-session.entity.js';
import { RefreshToken } from './refresh-token.entity.js';

/** Rows that expired this long ago can matter to nobody (milliseconds). */
const KEPT = 7 * 86_400_000;
const BATCH = 500;

/** Deletes login sessions and refresh tokens that expired a week ago, a batch at a time. */
@Injectable()
export class ExpiredSessionsJob {
  constructor(
    @InjectRepository(RefreshToken) private readonly tokens: Repository<RefreshToken>,
    @InjectRepository(LoginSession) private readonly sessions: Repository<LoginSession>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  @PeriodicJob({ name: 'auth.cleanup', everySeconds: 3600, byAge: true })
  async run(): Promise<void> {
    const expired = {
      where: { expiresAt: LessThan(this.clock.now() - KEPT) },
      order: { expiresAt: 'ASC' },
      take: BATCH,
    } as const;
    await this.inBatches(
      async () => (await this.tokens.find({ select: { hash: true }, ...expired })).map(({ hash }) => hash),
      (tx, hashes) => tx.manager.delete(RefreshToken, hashes),
    );
    await this.inBatches(
      async () => (await this.sessions.find({ select: { id: true }, ...expired })).map(({ id }) => id),
      (tx, ids) => tx.manager.delete(LoginSession, ids),
    );
  }

  private async inBatches(
    find: () => Promise<string[]>,
    remove: (tx: Tx, keys: string[]) => Promise<unknown>,
  ): Promise<void> {
    for (let count = BATCH; count === BATCH;) {
      const keys = await find();
      count = keys.length;
      if (count > 0) await this.transactions.run((tx) => remove(tx, keys));
    }
  }
}
