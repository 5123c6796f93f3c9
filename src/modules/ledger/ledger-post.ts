import { hash } from 'node:crypto';
import { ASSETS, type Address, type Asset } from './chart-of-accounts.js';

/** Moves `amount` (a positive integer: fen or coins) from one account to another. */
export interface Posting {
  readonly source: Address;
  readonly destination: Address;
  readonly amount: number;
  readonly asset: Asset;
}

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

/** Of what was asked, whenever it was asked; the audit computes it again from the stored rows. */
export function inputHash(input: Omit<LedgerInput, 'key'>): string {
  const postings = input.postings.map(({ source, destination, amount, asset }) => [source, destination, amount, asset]);
  return sha256([input.kind, postings, input.reason, input.orderId, input.itemId, input.name, input.reverses]);
}

export interface TransactionRow {
  readonly postKey: string;
  readonly inputHash: string;
  readonly kind: string;
  readonly reason: string;
  readonly name: string;
  readonly orderId: number | null;
  readonly itemId: number | null;
  readonly reverses: number | null;
  /** Milliseconds. */
  readonly createdAt: number;
}

export function transactionHash(row: TransactionRow): string {
  const { postKey, kind, reason, name, orderId, itemId, reverses, createdAt } = row;
  return sha256([postKey, row.inputHash, kind, reason, name, orderId, itemId, reverses, createdAt]);
}

export interface EntryRow {
  readonly transactionId: number;
  readonly position: number;
  readonly accountId: number;
  readonly amount: number;
  readonly balanceAfter: number | null;
}

export function entryHash({ transactionId, position, accountId, amount, balanceAfter }: EntryRow): string {
  return sha256([transactionId, position, accountId, amount, balanceAfter]);
}

export function accountHash(address: string, asset: string): string {
  return sha256([address, asset]);
}

export function sha256(content: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(content), 'hex');
}
