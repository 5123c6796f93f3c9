import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Idempotency } from '../../database/idempotency.js';
import type { Tx } from '../../database/transactions.js';
import { account, type Address, type Asset } from './chart-of-accounts.js';
import { LedgerService } from './ledger.service.js';

/** What a wallet can hold. */
export type WalletAsset = Exclude<Asset, 'GOLD'>;

export interface Grant {
  readonly userId: number;
  readonly asset: WalletAsset;
  /** Fen. */
  readonly amount: number;
  readonly reason: string;
}

/** Who owns wallets; the users feature says so at start, because the ledger knows no feature. */
export interface WalletHolders {
  exists(tx: Tx, userId: number): Promise<boolean>;
}

const GRANT_COLUMNS = ['transaction_id', 'granted_by', 'user_id', 'asset', 'amount', 'reason', 'created_at'] as const;

@Injectable()
export class WalletService {
  private holders: WalletHolders | null = null;

  constructor(
    private readonly ledger: LedgerService,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  registerHolders(holders: WalletHolders): void {
    this.holders = holders;
  }

  addressOf(userId: number, asset: WalletAsset): Address {
    return asset === 'CNY' ? account.userBalance(userId) : account.userCoupon(userId);
  }

  /** Fen. */
  async getWallet(userId: number): Promise<{ balance: number; coupon: number }> {
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
      if (!(await this.holders?.exists(tx, userId))) throw notFound('user');
      const { id } = await this.ledger.post(tx, {
        key: `grant:${randomUUID()}`,
        kind: 'grant',
        reason,
        name: reason,
        postings: [
          { source: account.platform('promotion'), destination: this.addressOf(userId, asset), amount, asset },
        ],
      });
      await tx.insertMany('wallet_grants', GRANT_COLUMNS, [
        [id, grantedBy, userId, asset, amount, reason, this.clock.now()],
      ]);
      return { transactionId: id };
    });
  }
}
