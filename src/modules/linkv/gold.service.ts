import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import { grouped } from '../../database/grouped.js';
import { valueOf, type Outcome } from '../../common/outcome.js';
import { tableOf } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { account, coins, type Coins } from '../ledger/chart-of-accounts.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { LedgerPost } from '../ledger/posting.js';
import { GoldLot } from './gold-lot.entity.js';
import { addLots, expireLots, takeCoins, type ExpiredCoins } from './gold-lots.js';
import { GoldChangeType, LinkvOperation } from './linkv-operation.entity.js';
import { PartnerUsers } from './partner-users.service.js';

/** What one request asks for; the same request id with another content is refused. */
export interface GoldChange extends Pick<
  LinkvOperation,
  'appId' | 'openId' | 'requestId' | 'contentHash' | 'type' | 'value'
> {
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

export type Lot = Pick<GoldLot, 'value' | 'remaining' | 'expiresAt'>;

type StoredOperation = Pick<LinkvOperation, 'contentHash' | 'balance'>;

const LOTS = tableOf(GoldLot);
const OPERATIONS = tableOf(LinkvOperation);
const OPERATION = `SELECT ${OPERATIONS.select(['contentHash', 'balance'])} FROM linkv_operations WHERE app_id = ? AND request_id = ?`;
const LIVE_LOTS = `SELECT ${LOTS.select(['value', 'remaining', 'expiresAt'])} FROM gold_lots WHERE open_id = ? AND live = 1 AND expires_at > ? ORDER BY expires_at, id LIMIT 1000`;
const LIVE_COINS =
  'SELECT COALESCE(SUM(remaining), 0) AS coins FROM gold_lots WHERE open_id = ? AND live = 1 AND expires_at > ?';
const ASSET = 'GOLD';
const MAX_MET = 10_000;
/** Operation, lot, transaction, two entries. */
const ROWS_OF_CHANGE = 5;

/**
 * The partners' users' coins: lots with an end each, and the same coins in the ledger.
 * HOT PATH: every change of a partner's coins passes here (docs/performance.md, "Where the speed lives").
 */
@Injectable()
export class GoldService {
  /** Requests by app and id. A hint only: the database decides. */
  private readonly met = new LRUCache<string, true>({ max: MAX_MET });
  private readonly addTogether: (change: GoldChange) => Promise<number>;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly users: PartnerUsers,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {
    this.addTogether = grouped(transactions, {
      sizeOf: () => ROWS_OF_CHANGE,
      work: (tx, changes) => this.addAll(tx, changes),
    });
  }

  /**
   * Adds or takes coins, once per request id.
   * @throws DomainError `invalid` for a user that is not the app's and for coins that would be expired already;
   * `insufficient_balance`; `key_reused` for a request id with other content; `conflict` beyond the largest balance
   */
  async change(change: GoldChange): Promise<void> {
    await this.once(change, null, async () => {
      if (change.type === GoldChangeType.add) await this.addTogether(change);
      else await this.transactions.run((tx) => this.take(tx, change));
      return null;
    });
  }

  /**
   * The same for an order. Returns the coins left, and the same again for a repeat.
   * @throws as {@link change}, and `conflict` when the order is completed already
   */
  async completeOrder(change: OrderedGoldChange): Promise<Coins> {
    const balance = await this.once(change, change.orderId, () =>
      this.transactions.run((tx) => this.order(tx, change)),
    );
    return coins(Number(balance));
  }

  /** Coins that have not expired. @throws DomainError `invalid` for a user that is not the app's */
  async balance(appId: string, openId: string): Promise<Coins> {
    await this.users.requireOwn(appId, openId);
    return coinsIn(await this.database.readOne<SumRow>(LIVE_COINS, [openId, this.clock.now()]));
  }

  /** Those with coins left that have not expired; what expires first comes first, and more than a thousand are not listed. */
  async listLots(openId: string): Promise<Lot[]> {
    return this.database.read<Lot>(LIVE_LOTS, [openId, this.clock.now()]);
  }

  /** Books a user's expired coins. */
  async expire(appId: string, openId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.bookExpired(tx, appId, openId, await expireLots(tx, openId, this.clock.now()));
    });
  }

  /**
   * A unique key decides which of two equal requests has the effect; the other returns what is stored. Where this process has met
   * the request before it looks first: a failed INSERT would need a ROLLBACK too.
   */
  private async once(
    change: GoldChange,
    orderId: string | null,
    effect: () => Promise<Coins | null>,
  ): Promise<Coins | null> {
    await this.users.requireOwn(change.appId, change.openId);
    const request = `${change.appId} ${change.requestId}`;
    const done = this.met.has(request) ? await this.findOperation(change) : null;
    if (done) return done.balance;
    this.met.set(request, true);
    try {
      return await effect();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const stored = await this.findOperation(change);
      if (stored) return stored.balance;
      if (orderId === null) throw error;
      throw new DomainError('conflict', 'this order is completed already');
    }
  }

  private async findOperation({ appId, requestId, contentHash }: GoldChange): Promise<StoredOperation | null> {
    const stored = await this.database.readOne<StoredOperation>(OPERATION, [appId, requestId]);
    if (stored && stored.contentHash !== contentHash) {
      throw new DomainError('key_reused', 'this request_id was used for another request');
    }
    return stored;
  }

  private async order(tx: Tx, change: OrderedGoldChange): Promise<Coins> {
    const operationId = change.type === GoldChangeType.add ? await this.add(tx, change) : await this.take(tx, change);
    const { rows } = await tx.execute<SumRow>(LIVE_COINS, [change.openId, this.clock.now()]);
    const left = coinsIn(rows[0]);
    await tx.execute('UPDATE linkv_operations SET balance = ? WHERE id = ?', [left, operationId]);
    return left;
  }

  private async add(tx: Tx, change: GoldChange): Promise<number> {
    const [outcome] = await this.addAll(tx, [change]);
    return valueOf(outcome);
  }

  /** In the statements of one; returns the operations' ids. Their rows come first: a repeat ends there, before anything is locked. */
  private async addAll(tx: Tx, changes: readonly GoldChange[]): Promise<Outcome<number>[]> {
    const now = this.clock.now();
    const live = changes.filter(({ expiresAt }) => expiresAt > now);
    const ids = await tx.insert(
      OPERATIONS,
      live.map((change) => operationOf(change, now)),
    );
    await addLots(
      tx,
      live.map(({ openId, value, expiresAt }, index) => ({ openId, operationId: ids[index], value, expiresAt })),
    );
    await this.ledger.postAll(
      tx,
      live.map((change, index) => postOf(change, ids[index])),
    );
    const added = ids.values();
    return changes.map((change) =>
      change.expiresAt > now ? added.next().value! : new DomainError('invalid', 'the coins would be expired already'),
    );
  }

  /** The operation's row comes first, as above. */
  private async take(tx: Tx, change: GoldChange): Promise<number> {
    const now = this.clock.now();
    const { appId, openId, value } = change;
    const [operationId] = await tx.insert(OPERATIONS, [operationOf(change, now)]);
    await this.bookExpired(tx, appId, openId, await takeCoins(tx, openId, value, this.clock));
    await this.ledger.post(tx, postOf(change, operationId));
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

function operationOf(
  change: GoldChange & Partial<OrderedGoldChange>,
  createdAt: number,
): Omit<LinkvOperation, 'id' | 'balance'> {
  const { appId, openId, requestId, contentHash, type, value, reason = '' } = change;
  const { orderId = null, money = null, platform = '' } = change;
  return { appId, requestId, contentHash, openId, type, value, orderId, money, platform, reason, createdAt };
}

function postOf({ appId, openId, type, value, reason = '' }: GoldChange, operationId: number): LedgerPost {
  const gold = account.linkvGold(openId);
  const issued = account.linkvIssued(appId);
  const adds = type === GoldChangeType.add;
  return {
    key: `linkv:${operationId}`,
    kind: adds ? 'linkv_add' : 'linkv_take',
    reason,
    postings: [{ source: adds ? issued : gold, destination: adds ? gold : issued, amount: value, asset: ASSET }],
  };
}

/** A sum is text on MySQL. */
interface SumRow {
  readonly coins: number | string;
}

function coinsIn(row: SumRow | null | undefined): Coins {
  return coins(Number(row?.coins ?? 0));
}
