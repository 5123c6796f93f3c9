import { DomainError } from '../../common/domain-error.js';
import { placeholders, type SqlValue } from '../../database/sql.js';
import type { Tx } from '../../database/transactions.js';

/** The moment at which coins without an end expire: after the year 9999, in milliseconds. */
export const NEVER = 253_402_300_800_000;

export interface NewLot {
  readonly openId: string;
  readonly operationId: number;
  readonly value: number;
  /** Milliseconds, {@link NEVER} for no end. */
  readonly expiresAt: number;
}

interface OpenLot {
  readonly id: number;
  readonly remaining: number;
  readonly expiresAt: number;
}

/** What ran out, to be booked. */
export interface ExpiredCoins {
  readonly amount: number;
  /** Expires once, so it names the event. */
  readonly firstLotId: number;
}

const OPEN_LOTS = 'SELECT id, remaining, expires_at AS expiresAt FROM gold_lots WHERE open_id = ? AND live = 1';
const BY_EXPIRY = ' ORDER BY expires_at, id';
/** Most debits end within the first few lots; only a larger one reads them all. */
const FIRST_LOTS = 20;
const LOTS_PER_UPDATE = 500;

export async function addLot(tx: Tx, { openId, operationId, value, expiresAt }: NewLot): Promise<void> {
  await tx.insertMany(
    'gold_lots',
    ['open_id', 'operation_id', 'value', 'remaining', 'live', 'expires_at'],
    [[openId, operationId, value, value, 1, expiresAt]],
  );
}

/**
 * Takes `value` coins, those that expire first first, and closes the expired lots it meets on the way; answers those.
 * The lots stay locked until the end of `tx`.
 * @throws DomainError `insufficient_balance`
 */
export async function takeCoins(tx: Tx, openId: string, value: number, now: number): Promise<ExpiredCoins | null> {
  let lots = await lockLots(tx, `${OPEN_LOTS}${BY_EXPIRY} LIMIT ${FIRST_LOTS}`, [openId]);
  if (lots.length === FIRST_LOTS && sumOf(lots.filter((lot) => lot.expiresAt > now)) < value) {
    lots = await lockLots(tx, `${OPEN_LOTS}${BY_EXPIRY}`, [openId]);
  }
  const expired = lots.filter((lot) => lot.expiresAt <= now);
  const taken: OpenLot[] = [];
  let left = value;
  for (const lot of lots.slice(expired.length)) {
    if (left <= 0) break;
    taken.push(lot);
    left -= lot.remaining;
  }
  if (left > 0) throw new DomainError('insufficient_balance', 'insufficient balance');
  await closeLots(tx, [...expired, ...taken], -left);
  return expiredCoins(expired);
}

/** Closes the user's expired lots. */
export async function expireLots(tx: Tx, openId: string, now: number): Promise<ExpiredCoins | null> {
  const expired = await lockLots(tx, `${OPEN_LOTS} AND expires_at <= ?${BY_EXPIRY}`, [openId, now]);
  await closeLots(tx, expired, 0);
  return expiredCoins(expired);
}

async function lockLots(tx: Tx, sql: string, params: readonly SqlValue[]): Promise<OpenLot[]> {
  const { rows } = await tx.execute<OpenLot>(`${sql}${tx.sql.forUpdate}`, params);
  return rows.map(({ id, remaining, expiresAt }) => ({
    id: Number(id),
    remaining: Number(remaining),
    expiresAt: Number(expiresAt),
  }));
}

/** Empties locked lots; `rest` coins stay in the last one. */
async function closeLots(tx: Tx, lots: readonly OpenLot[], rest: number): Promise<void> {
  const last = rest > 0 ? lots.at(-1)!.id : 0;
  for (let start = 0; start < lots.length; start += LOTS_PER_UPDATE) {
    const ids = lots.slice(start, start + LOTS_PER_UPDATE).map(({ id }) => id);
    const { affected } = await tx.execute(
      `UPDATE gold_lots SET live = CASE id WHEN ? THEN 1 ELSE 0 END, remaining = CASE id WHEN ? THEN ? ELSE 0 END ` +
        `WHERE live = 1 AND id IN (${placeholders(ids.length)})`,
      [last, last, rest, ...ids],
    );
    if (affected !== ids.length) throw new Error('a locked lot of coins changed');
  }
}

function expiredCoins(lots: readonly OpenLot[]): ExpiredCoins | null {
  const [first] = lots;
  return first === undefined ? null : { amount: sumOf(lots), firstLotId: first.id };
}

function sumOf(lots: readonly OpenLot[]): number {
  return lots.reduce((sum, lot) => sum + lot.remaining, 0);
}
