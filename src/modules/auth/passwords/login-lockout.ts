import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import { networkOf } from '../../../common/network.js';
import { Database } from '../../../database/database.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { LoginFailure } from './login-failure.entity.js';

export interface LoginAttempt {
  readonly phone: string;
  /** The caller's IP address. */
  readonly address: string;
}

const FREE_FAILURES = 5;
/** Milliseconds in which failures count, and the longest that one refusal lasts (docs/wires.md, web). */
const WINDOW = 15 * 60_000;

/**
 * After five wrong passwords for a phone, known or not, or from an address, attempts are refused for 1, 2, 4 … seconds
 * from the last one on. The counts are in the database: every instance sees them and no restart clears them.
 */
@Injectable()
export class LoginLockout {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `too_many_requests` while attempts are refused */
  async admit(attempt: LoginAttempt): Promise<void> {
    const now = this.clock.now();
    const counts = await this.database.read<{ failures: number; last: number }>(
      'SELECT COUNT(*) AS failures, MAX(failed_at) AS last FROM login_failures ' +
        'WHERE subject IN (?, ?) AND failed_at > ? GROUP BY subject',
      [...subjectsOf(attempt), now - WINDOW],
    );
    const wait = Math.max(0, ...counts.map(({ failures, last }) => last + refusedFor(failures) - now));
    if (wait === 0) return;
    throw new DomainError('too_many_requests', 'too many attempts, try again later', {
      retryAfter: Math.ceil(wait / 1000),
    });
  }

  async recordFailure(attempt: LoginAttempt): Promise<void> {
    await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const failures = subjectsOf(attempt).map((subject) => ({ subject, failedAt: now }));
      await tx.manager.insert(LoginFailure, failures);
      await tx.manager.delete(LoginFailure, { failedAt: LessThanOrEqual(now - WINDOW) });
    });
  }

  /** A right password clears the phone's count; the address keeps its own. */
  async forgive(tx: Tx, phone: string): Promise<void> {
    await tx.manager.delete(LoginFailure, { subject: `phone:${phone}` });
  }
}

function refusedFor(failures: number): number {
  return failures < FREE_FAILURES ? 0 : Math.min(1000 * 2 ** (failures - FREE_FAILURES), WINDOW);
}

function subjectsOf({ phone, address }: LoginAttempt): [string, string] {
  return [`phone:${phone}`, `address:${networkOf(address)}`];
}
