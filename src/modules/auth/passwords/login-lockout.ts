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

/** Milliseconds in which failures count, and the longest that one refusal lasts for a phone (docs/wires.md, web). */
const WINDOW = 15 * 60_000;
/** The longest for an address, behind which thousands of people may be. */
const SHORT = 60_000;

/** Whose failures count together, how many are free, and how long a refusal lasts at most (milliseconds). */
interface Rule {
  readonly subject: (attempt: LoginAttempt) => string;
  readonly free: number;
  readonly longest: number;
}

interface Failures {
  readonly subject: string;
  readonly failures: number;
  /** When the last one was. */
  readonly last: number;
}

const PHONE: Rule = { subject: ({ phone }) => `phone:${phone}`, free: 5, longest: WINDOW };
const ADDRESS: Rule = { subject: ({ address }) => `address:${networkOf(address)}`, free: 100, longest: SHORT };
const RULES = [PHONE, ADDRESS];

/**
 * After too many wrong passwords attempts are refused for 1, 2, 4 … seconds from the last one on: soon for a phone, known or not,
 * late for an address. The counts are in the database: every instance sees them and no restart clears them.
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
    const counts = await this.database.read<Failures>(
      'SELECT subject, COUNT(*) AS failures, MAX(failed_at) AS last FROM login_failures ' +
        'WHERE subject IN (?, ?) AND failed_at > ? GROUP BY subject',
      [...subjectsOf(attempt), now - WINDOW],
    );
    const ends = RULES.map((rule) =>
      refusedUntil(
        rule,
        counts.find(({ subject }) => subject === rule.subject(attempt)),
      ),
    );
    const wait = Math.max(0, ...ends) - now;
    if (wait <= 0) return;
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
  async forgive(tx: Tx, attempt: LoginAttempt): Promise<void> {
    await tx.manager.delete(LoginFailure, { subject: PHONE.subject(attempt) });
  }
}

/** In milliseconds since the epoch. */
function refusedUntil({ free, longest }: Rule, counted: Failures | undefined): number {
  if (!counted || counted.failures < free) return 0;
  return counted.last + Math.min(1000 * 2 ** (counted.failures - free), longest);
}

function subjectsOf(attempt: LoginAttempt): string[] {
  return RULES.map((rule) => rule.subject(attempt));
}
