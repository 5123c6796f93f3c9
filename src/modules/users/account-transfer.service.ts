import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { Tx } from '../../database/transactions.js';
import { DeclaredMethods } from '../../operations/declared-methods.js';
import { WalletService } from '../ledger/wallet.service.js';
import { AccountUsage, type AccountUsageCheck } from './account-usage.decorator.js';
import { User, WechatIdentity } from './user.entity.js';
import { UsersService } from './users.service.js';

/** Makes two accounts of one person one: the empty one is disabled, its credentials move to the other. */
@Injectable()
export class AccountTransferService implements OnApplicationBootstrap {
  private checks: readonly AccountUsageCheck[] = [];

  constructor(
    private readonly users: UsersService,
    private readonly wallets: WalletService,
    private readonly clock: Clock,
    private readonly methods: DeclaredMethods,
  ) {}

  onApplicationBootstrap(): void {
    this.checks = [...this.methods.by<object, AccountUsageCheck>(AccountUsage)].map(([, check]) => check);
  }

  /**
   * Disables `fromId` and moves to `intoId` what that account does not have yet. Returns the phone if it has moved.
   * @throws DomainError `forbidden` when that account is disabled; `conflict` when it has an order, a product or a ledger entry, or is the last root
   */
  async absorb(tx: Tx, fromId: number, intoId: number): Promise<string | null> {
    const pair = await tx.manager.find(User, {
      where: { id: In([fromId, intoId]) },
      order: { id: 'ASC' },
      lock: tx.rowLock,
    });
    const from = pair.find(({ id }) => id === fromId);
    const into = pair.find(({ id }) => id === intoId);
    if (!from || !into || from.permission === 0) throw new DomainError('forbidden', 'this account is disabled');
    if (await this.isInUse(tx, fromId)) {
      throw new DomainError('conflict', 'the other account has orders, products or money of its own');
    }
    await this.users.setPermissionIn(tx, fromId, 0);
    await this.moveIdentities(tx, fromId, intoId);
    if (from.phone === null || into.phone !== null) return null;
    await tx.manager.update(User, { id: fromId }, { phone: null });
    await tx.manager.update(User, { id: intoId }, { phone: from.phone, updatedAt: this.clock.now() });
    return from.phone;
  }

  private async isInUse(tx: Tx, userId: number): Promise<boolean> {
    if (await this.wallets.hasMoved(tx, userId)) return true;
    for (const check of this.checks) if (await check(tx, userId)) return true;
    return false;
  }

  private async moveIdentities(tx: Tx, fromId: number, intoId: number): Promise<void> {
    const present = await tx.manager.findBy(WechatIdentity, { userId: intoId });
    const apps = present.map(({ appId }) => appId);
    await tx.manager.update(WechatIdentity, { userId: fromId, appId: Not(In(apps)) }, { userId: intoId });
  }
}
