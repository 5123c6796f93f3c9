import { sha256 } from '../../common/sha256.js';
import { ASSETS, type Address, type Amount, type Asset } from './chart-of-accounts.js';
import type { LedgerEntry } from './ledger-entry.entity.js';
import type { LedgerTransaction } from './ledger-transaction.entity.js';

/** Moves `amount`, more than 0, from one account to another. */
export interface Posting {
  readonly source: Address;
  readonly destination: Address;
  readonly amount: Amount;
  readonly asset: Asset;
}

/** What is to be posted as one transaction. */
export interface LedgerPost {
  /** Unique per effect, 1 to 191 characters, such as `payment:17:capture`. */
  readonly key: string;
  /** What statements call it, such as `order_payment`, `refund`, `grant`, `recharge`. */
  readonly kind: string;
  readonly postings: readonly Posting[];
  readonly reason?: string;
  readonly orderId?: number | null;
  readonly itemId?: number | null;
  /** First product's title or the item's name. */
  readonly name?: string;
}

/** A post with nothing left open, as it is hashed and stored. */
export interface LedgerInput extends Required<LedgerPost> {
  readonly reverses: number | null;
}

/** Half a posting. */
export interface Leg {
  readonly address: Address;
  readonly asset: Asset;
  /** Negative where it leaves, positive where it arrives. */
  readonly amount: Amount;
}

/** A leg that becomes an entry. */
export interface EntryLeg extends Leg, Pick<LedgerEntry, 'transactionId' | 'position'> {}

const MAX_TEXT = 255;

/** @throws RangeError for what no caller may ask: a programming error, not a refusal */
export function ledgerInput(post: LedgerPost, reverses: number | null = null): LedgerInput {
  const { key, kind, postings } = post;
  if (key.length === 0 || key.length > 191 || key.trim() !== key) throw new RangeError(`not a ledger key: "${key}"`);
  if (postings.length === 0) throw new RangeError('a ledger transaction has at least one posting');
  for (const { source, destination, amount, asset } of postings) {
    if (!Number.isSafeInteger(amount) || amount <= 0) throw new RangeError(`not an amount to post: ${amount}`);
    if (source === destination) throw new RangeError(`a posting from ${source} to itself`);
    if (!ASSETS.includes(asset)) throw new RangeError(`not an asset: ${String(asset)}`);
  }
  const { orderId = null, itemId = null, reason = '', name = '' } = post;
  return { key, kind, postings, orderId, itemId, reason: clipped(reason), name: clipped(name), reverses };
}

function clipped(text: string): string {
  return text.length <= MAX_TEXT ? text : Array.from(text).slice(0, MAX_TEXT).join('');
}

/** The postings that undo these: last one first, source and destination exchanged, so that what came in last goes out first. */
export function reverse(postings: readonly Posting[]): Posting[] {
  return postings.toReversed().map((one) => ({ ...one, source: one.destination, destination: one.source }));
}

/** Source before destination, posting by posting: an entry's position is its place here. */
export function legsOf(transactionId: number, postings: readonly Posting[]): EntryLeg[] {
  return postings.flatMap(({ source, destination, amount, asset }, index) => [
    { transactionId, position: 2 * index, address: source, asset, amount: (0 - amount) as Amount },
    { transactionId, position: 2 * index + 1, address: destination, asset, amount },
  ]);
}

/** The postings whose {@link legsOf} these are; a last leg without its pair is left out. */
export function postingsOf(legs: readonly Leg[]): Posting[] {
  const postings: Posting[] = [];
  for (let index = 0; index + 1 < legs.length; index += 2) {
    const [source, { address: destination, amount, asset }] = [legs[index], legs[index + 1]];
    postings.push({ source: source.address, destination, amount, asset });
  }
  return postings;
}

/**
 * The entries of these legs on these accounts, of one transaction or of several one after the other. The balance after each is
 * worked back from `balances`, those by account id after all of them; an account without a running balance is absent.
 */
export function entriesOf(
  legs: readonly EntryLeg[],
  accountIds: readonly number[],
  balances: ReadonlyMap<number, Amount>,
): Omit<LedgerEntry, 'id'>[] {
  const left = new Map(balances);
  const entries: Omit<LedgerEntry, 'id'>[] = [];
  for (let index = legs.length - 1; index >= 0; index -= 1) {
    const [{ transactionId, position, amount }, accountId] = [legs[index], accountIds[index]];
    const balanceAfter = left.get(accountId) ?? null;
    if (balanceAfter !== null) left.set(accountId, (balanceAfter - amount) as Amount);
    const hash = entryHash({ transactionId, position, accountId, amount, balanceAfter });
    entries.push({ transactionId, position, accountId, amount, balanceAfter, hash });
  }
  return entries.toReversed();
}

/** Of what was asked, whenever it was asked; the audit computes it again from the stored rows. */
export function inputHash(input: Omit<LedgerInput, 'key'>): string {
  const postings = input.postings.map(({ source, destination, amount, asset }) => [source, destination, amount, asset]);
  return hashOf([input.kind, postings, input.reason, input.orderId, input.itemId, input.name, input.reverses]);
}

export function transactionHash(row: Omit<LedgerTransaction, 'id' | 'hash'>): string {
  const { postKey, kind, reason, name, orderId, itemId, reverses, createdAt } = row;
  return hashOf([postKey, row.inputHash, kind, reason, name, orderId, itemId, reverses, createdAt]);
}

export function entryHash(row: Omit<LedgerEntry, 'id' | 'hash'>): string {
  const { transactionId, position, accountId, amount, balanceAfter } = row;
  return hashOf([transactionId, position, accountId, amount, balanceAfter]);
}

export function accountHash(address: string, asset: string): string {
  return hashOf([address, asset]);
}

/** SHA-256 of a list's JSON. */
export function hashOf(content: readonly unknown[]): string {
  return sha256(JSON.stringify(content));
}
