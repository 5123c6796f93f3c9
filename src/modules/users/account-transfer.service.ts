import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { Tx } from '../../database/transactions.js';
import { WalletService } from '../ledger/wallet.service.js';
import { UsersService } from './users.service.js';

/** Answers whether a user has left anything that must keep its owner. */
export type TraceCheck = (tx: Tx, userId: number) => Promise<boolean>;

interface LockedUser {
  readonly id: number;
  readonly phone: string | null;
  readonly permission: number;
}

/** Makes two accounts of one person one: the empty one is disabled, its credentials move to the other. */
@Injectable()
export class AccountTransferService {
  private readonly checks: TraceCheck[];

  constructor(
    private readonly users: UsersService,
    private readonly clock: Clock,
    wallets: WalletService,
  ) {
    this.checks = [(tx, userId) => wallets.hasMoved(tx, userId)];
  }

  /** Features that keep something per user name it here when they start. */
  registerTraces(check: TraceCheck): void {
    this.checks.push(check);
  }

  /**
   * Disables `fromId` and moves to `intoId` what that account does not have yet. Answers the phone if it has moved.
   * @throws DomainError `forbidden` when that account is disabled; `conflict` when it has an order, a product or a ledger entry, or is the last root
   */
  async absorb(tx: Tx, fromId: number, intoId: number): Promise<string | null> {
    const { rows } = await tx.execute<LockedUser>(
      `SELECT id, phone, permission FROM users WHERE id IN (?, ?) ORDER BY id${tx.sql.forUpdate}`,
      [fromId, intoId],
    );
    const from = rows.find((row) => Number(row.id) === fromId);
    const into = rows.find((row) => Number(row.id) === intoId);
    if (!from || !into || from.permission === 0) throw new DomainError('forbidden', 'this account is disabled');
    for (const hasTraces of this.checks) {
      if (await hasTraces(tx, fromId)) {
        throw new DomainError('conflict', 'the other account has orders, products or money of its own');
      }
    }
    await this.users.setPermissionIn(tx, fromId, 0);
    await this.moveIdentities(tx, fromId, intoId);
    if (from.phone === null || into.phone !== null) return null;
    await tx.execute('UPDATE users SET phone = NULL WHERE id = ?', [fromId]);
    await tx.execute('UPDATE users SET phone = ?, updated_at = ? WHERE id = ?', [from.phone, this.clock.now(), intoId]);
    return from.phone;
  }

  private async moveIdentities(tx: Tx, fromId: number, intoId: number): Promise<void> {
    const { rows } = await tx.execute<{ appId: string }>(
      'SELECT app_id AS appId FROM wechat_identities WHERE user_id = ?',
      [intoId],
    );
    const apps = rows.map((row) => row.appId);
    await tx.execute(
      `UPDATE wechat_identities SET user_id = ? WHERE user_id = ?${apps.map(() => ' AND app_id <> ?').join('')}`,
      [intoId, fromId, ...apps],
    );
  }
}
