import type { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { padded, placeholders, type SqlValue } from '../../database/sql.js';
import { tableOf } from '../../database/table.js';
import type { Tx } from '../../database/transactions.js';
import { coins, type Coins } from '../ledger/chart-of-accounts.js';
import { GoldLot } from './gold-lot.entity.js';

/* Prepared statements: every change of coins comes through here. */

/** The moment at which coins without an end expire: after the year 9999, in milliseconds. */
export const NEVER = 253_402_300_800_000;

type OpenLot = Pick<GoldLot, 'id' | 'remaining' | 'expiresAt'>;

/** What ran out, to be booked. */
export interface ExpiredCoins {
  readonly amount: Coins;
  /** Expires once, so it names the event. */
  readonly firstLotId: number;
}

const LOTS = tableOf(GoldLot);
const OPEN_LOTS = `SELECT ${LOTS.select(['id', 'remaining', 'expiresAt'])} FROM gold_lots WHERE open_id = ? AND live = 1`;
const BY_EXPIRY = ' ORDER BY expires_at, id';
/** Most debits end within the first few lots; only a larger one reads them all. */
const FIRST_LOTS = 20;
const LOTS_PER_UPDATE = 512;

export async function addLots(
  tx: Tx,
  lots: readonly Pick<GoldLot, 'openId' | 'operationId' | 'value' | 'expiresAt'>[],
): Promise<void> {
  await tx.insert(
    LOTS,
    lots.map((lot) => ({ ...lot, remaining: lot.value, live: true })),
  );
}

/**
 * Takes `value` coins, those that expire first first, and closes the expired lots it meets on the way; returns those. While the
 * time is in doubt they only stay aside. The lots stay locked until the end of `tx`.
 * @throws DomainError `insufficient_balance`
 */
export async function takeCoins(tx: Tx, openId: string, value: Coins, clock: Clock): Promise<ExpiredCoins | null> {
  const now = clock.now();
  let lots = await lockLots(tx, `${OPEN_LOTS}${BY_EXPIRY} LIMIT ${FIRST_LOTS}`, [openId]);
  if (lots.length === FIRST_LOTS && sumOf(lots.filter((lot) => lot.expiresAt > now)) < value) {
    lots = await lockLots(tx, `${OPEN_LOTS}${BY_EXPIRY}`, [openId]);
  }
  const expired = lots.filter((lot) => lot.expiresAt <= now);
  const taken: OpenLot[] = [];
  let left: number = value;
  for (const lot of lots.slice(expired.length)) {
    if (left <= 0) break;
    taken.push(lot);
    left -= lot.remaining;
  }
  if (left > 0) throw new DomainError('insufficient_balance', 'insufficient balance');
  const closed = clock.isSettled ? expired : [];
  await closeLots(tx, [...closed, ...taken], -left);
  return expiredCoins(closed);
}

/** Closes the user's expired lots. */
export async function expireLots(tx: Tx, openId: string, now: number): Promise<ExpiredCoins | null> {
  const expired = await lockLots(tx, `${OPEN_LOTS} AND expires_at <= ?${BY_EXPIRY}`, [openId, now]);
  await closeLots(tx, expired, 0);
  return expiredCoins(expired);
}

async function lockLots(tx: Tx, sql: string, params: readonly SqlValue[]): Promise<OpenLot[]> {
  return (await tx.execute<OpenLot>(sql + tx.sql.forUpdate, params)).rows;
}

/** Empties locked lots; `rest` coins stay in the last one. */
async function closeLots(tx: Tx, lots: readonly OpenLot[], rest: number): Promise<void> {
  const last = rest > 0 ? lots.at(-1)!.id : 0;
  for (let start = 0; start < lots.length; start += LOTS_PER_UPDATE) {
    const part = lots.slice(start, start + LOTS_PER_UPDATE);
    const ids = padded(part.map(({ id }) => id));
    const { affected } = await tx.execute(
      `UPDATE gold_lots SET live = CASE id WHEN ? THEN 1 ELSE 0 END, remaining = CASE id WHEN ? THEN ? ELSE 0 END ` +
        `WHERE live = 1 AND id IN (${placeholders(ids.length)})`,
      [last, last, rest, ...ids],
    );
    if (affected !== part.length) throw new Error('a locked lot of coins changed');
  }
}

function expiredCoins(lots: readonly OpenLot[]): ExpiredCoins | null {
  const [first] = lots;
  return first === undefined ? null : { amount: sumOf(lots), firstLotId: first.id };
}

function sumOf(lots: readonly OpenLot[]): Coins {
  return coins(lots.reduce((sum, lot) => sum + lot.remaining, 0));
}
