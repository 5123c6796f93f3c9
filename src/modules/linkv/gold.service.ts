import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import type { ExecuteResult, SqlValue } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { account } from '../ledger/chart-of-accounts.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { addLot, expireLots, takeCoins, type ExpiredCoins } from './gold-lots.js';
import { PartnerUsers } from './partner-users.service.js';

export const GoldChangeType = { add: 1, take: 2 } as const;

export interface GoldChange {
  readonly appId: string;
  readonly openId: string;
  /** Makes a repeat harmless, per app. */
  readonly requestId: string;
  /** Of all that the request asks: the same request id with another one is refused. */
  readonly contentHash: string;
  /** See {@link GoldChangeType}. */
  readonly type: number;
  /** Coins, more than 0. */
  readonly value: number;
  /** Of the coins added, in milliseconds; not used when coins are taken. */
  readonly expiresAt: number;
  readonly reason?: string;
}

/** A change that completes an order, once per direction. */
export interface OrderedGoldChange extends GoldChange {
  /** Null where older clients send none. */
  readonly orderId: string | null;
  /** US cents. */
  readonly money: number;
  readonly platform: string;
}

export interface Lot {
  readonly value: number;
  readonly remaining: number;
  /** Milliseconds. */
  readonly expiresAt: number;
}

interface StoredOperation {
  readonly contentHash: string;
  readonly balance: number | null;
}

const OPERATION_COLUMNS = [
  'app_id',
  'request_id',
  'content_hash',
  'open_id',
  'type',
  'value',
  'order_id',
  'money',
  'platform',
  'reason',
  'created_at',
] as const;
const LIVE_COINS =
  'SELECT COALESCE(SUM(remaining), 0) AS coins FROM gold_lots WHERE open_id = ? AND live = 1 AND expires_at > ?';
const ASSET = 'GOLD';

/** The partners' users' coins: lots with an end each, and the same coins in the ledger. */
@Injectable()
export class GoldService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly users: PartnerUsers,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds or takes coins, once per request id.
   * @throws DomainError `invalid` for a user that is not the app's and for coins that would be expired already;
   * `insufficient_balance`; `key_reused` for a request id with other content; `conflict` beyond the largest balance
   */
  async change(change: GoldChange): Promise<void> {
    await this.once(change, null, async (tx) => {
      await this.apply(tx, change, null);
      return null;
    });
  }

  /**
   * The same for an order. Answers the coins left, which a repeat answers again.
   * @throws as {@link change}, and `conflict` when the order is completed already
   */
  async completeOrder(change: OrderedGoldChange): Promise<number> {
    const balance = await this.once(change, change.orderId, async (tx) => {
      const operationId = await this.apply(tx, change, change);
      const left = await liveCoins((sql, params) => tx.execute(sql, params), change.openId, this.clock.now());
      await tx.execute('UPDATE linkv_operations SET balance = ? WHERE id = ?', [left, operationId]);
      return left;
    });
    return Number(balance);
  }

  /** Coins that have not expired. @throws DomainError `invalid` for a user that is not the app's */
  async balance(appId: string, openId: string): Promise<number> {
    await this.users.requireOwn(appId, openId);
    return this.coinsOf(openId);
  }

  async coinsOf(openId: string): Promise<number> {
    return liveCoins(
      async (sql, params) => ({ rows: await this.database.read(sql, params) }),
      openId,
      this.clock.now(),
    );
  }

  /** Those with coins left that have not expired; what expires first comes first. */
  async listLots(openId: string): Promise<Lot[]> {
    return this.database.read<Lot>(
      'SELECT value, remaining, expires_at AS expiresAt FROM gold_lots WHERE open_id = ? AND live = 1 AND expires_at > ? ORDER BY expires_at, id',
      [openId, this.clock.now()],
    );
  }

  /** Books a user's expired coins. */
  async expire(appId: string, openId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.bookExpired(tx, appId, openId, await expireLots(tx, openId, this.clock.now()));
    });
  }

  /** A unique key decides which of two equal requests has the effect; the other answers what is stored. */
  private async once<T extends number | null>(
    change: GoldChange,
    orderId: string | null,
    effect: (tx: Tx) => Promise<T>,
  ): Promise<number | null> {
    await this.users.requireOwn(change.appId, change.openId);
    try {
      return await this.transactions.run(effect);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const stored = await this.findOperation(change);
      if (stored) return stored.balance;
      if (orderId === null) throw error;
      throw new DomainError('conflict', 'this order is completed already');
    }
  }

  private async findOperation({ appId, requestId, contentHash }: GoldChange): Promise<StoredOperation | null> {
    const stored = await this.database.readOne<StoredOperation>(
      'SELECT content_hash AS contentHash, balance FROM linkv_operations WHERE app_id = ? AND request_id = ?',
      [appId, requestId],
    );
    if (stored && stored.contentHash !== contentHash) {
      throw new DomainError('key_reused', 'this request_id was used for another request');
    }
    return stored;
  }

  /** The operation's row comes first: a repeat ends there, before anything is locked. */
  private async apply(tx: Tx, change: GoldChange, order: OrderedGoldChange | null): Promise<number> {
    const { appId, openId, type, value, expiresAt } = change;
    const now = this.clock.now();
    const operationId = await insertOperation(tx, change, order, now);
    const gold = account.linkvGold(openId);
    const issued = account.linkvIssued(appId);
    const adds = type === GoldChangeType.add;
    if (adds) {
      if (expiresAt <= now) throw new DomainError('invalid', 'the coins would be expired already');
      await addLot(tx, { openId, operationId, value, expiresAt });
    } else {
      await this.bookExpired(tx, appId, openId, await takeCoins(tx, openId, value, now));
    }
    await this.ledger.post(tx, {
      key: `linkv:${operationId}`,
      kind: adds ? 'linkv_add' : 'linkv_take',
      reason: change.reason ?? '',
      postings: [{ source: adds ? issued : gold, destination: adds ? gold : issued, amount: value, asset: ASSET }],
    });
    return operationId;
  }

  private async bookExpired(tx: Tx, appId: string, openId: string, expired: ExpiredCoins | null): Promise<void> {
    if (!expired) return;
    await this.ledger.post(tx, {
      key: `linkv:expiry:${expired.firstLotId}`,
      kind: 'expiry',
      postings: [
        {
          source: account.linkvGold(openId),
          destination: account.linkvExpired(appId),
          amount: expired.amount,
          asset: ASSET,
        },
      ],
    });
  }
}

async function insertOperation(
  tx: Tx,
  change: GoldChange,
  order: OrderedGoldChange | null,
  now: number,
): Promise<number> {
  const [id] = await tx.insertMany('linkv_operations', OPERATION_COLUMNS, [
    [
      change.appId,
      change.requestId,
      change.contentHash,
      change.openId,
      change.type,
      change.value,
      order?.orderId ?? null,
      order?.money ?? null,
      order?.platform ?? '',
      change.reason ?? '',
      now,
    ],
  ]);
  return id;
}

type Read = (
  sql: string,
  params: readonly SqlValue[],
) => Promise<Pick<ExecuteResult<{ coins: number | string }>, 'rows'>>;

async function liveCoins(read: Read, openId: string, now: number): Promise<number> {
  const { rows } = await read(LIVE_COINS, [openId, now]);
  return Number(rows[0]?.coins ?? 0);
}
