import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Fen } from '../../common/money.js';
import { Idempotency } from '../../database/idempotency.js';
import type { Tx } from '../../database/transactions.js';
import { account, type Address, type WalletAsset } from './chart-of-accounts.js';
import { LedgerService } from './ledger.service.js';
import { WalletGrant } from './wallet-grant.entity.js';

export type Grant = Pick<WalletGrant, 'userId' | 'asset' | 'amount' | 'reason'>;

export interface Wallet {
  readonly balance: Fen;
  readonly coupon: Fen;
}

/** Who owns wallets; the users feature provides it, because the ledger knows no feature. */
export abstract class WalletHolders {
  abstract exists(tx: Tx, userId: number): Promise<boolean>;
}

@Injectable()
export class WalletService {
  constructor(
    private readonly holders: WalletHolders,
    private readonly ledger: LedgerService,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  addressOf(userId: number, asset: WalletAsset): Address {
    return asset === 'CNY' ? account.userBalance(userId) : account.userCoupon(userId);
  }

  async getWallet(userId: number): Promise<Wallet> {
    const [balance, coupon] = await Promise.all([
      this.ledger.balance(account.userBalance(userId), 'CNY'),
      this.ledger.balance(account.userCoupon(userId), 'COUPON'),
    ]);
    return { balance, coupon };
  }

  /** Whether the user's wallet, or what the mall owes him as a merchant, has ever moved. */
  async hasMoved(tx: Tx, userId: number): Promise<boolean> {
    const { rows } = await tx.execute(
      'SELECT 1 FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id WHERE a.address IN (?, ?, ?) LIMIT 1',
      [account.userBalance(userId), account.userCoupon(userId), account.merchantPayable(userId)],
    );
    return rows.length > 0;
  }

  /**
   * Gives money or coupon out of the mall's promotion budget, with an audit row.
   * @throws DomainError `not_found` for an unknown user, `invalid` for a blank reason
   */
  async grant(ref: IdempotencyRef | null, grantedBy: number, grant: Grant): Promise<{ transactionId: number }> {
    const { userId, asset, amount, reason } = grant;
    if (reason.trim() === '') throw new DomainError('invalid', 'reason must not be blank');
    return this.idempotency.once(ref, async (tx) => {
      if (!(await this.holders.exists(tx, userId))) throw notFound('user');
      const { id } = await this.ledger.post(tx, {
        key: `grant:${randomUUID()}`,
        kind: 'grant',
        reason,
        name: reason,
        postings: [
          { source: account.platform('promotion'), destination: this.addressOf(userId, asset), amount, asset },
        ],
      });
      const createdAt = this.clock.now();
      await tx.manager.insert(WalletGrant, { transactionId: id, grantedBy, userId, asset, amount, reason, createdAt });
      return { transactionId: id };
    });
  }
}
