import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DomainError } from '../common/domain-error.js';
import type { IdempotencyRef } from '../common/idempotency.js';
import { isDuplicateKey } from './errors.js';
import { Transactions, type Tx } from './transactions.js';

interface StoredKey {
  readonly hash: string;
  readonly result: string | null;
  readonly created_at: number;
}

/** How long a key is kept (milliseconds): 24 h, security.md 2.6. */
export const IDEMPOTENCY_KEPT = 86_400_000;
/** A first half without its second for longer than this (milliseconds) died with its process; the same request may take over. */
const ABANDONED_AFTER = 60_000;

/** Makes an effect happen once per key: key row, effect and stored result are in one transaction. */
@Injectable()
export class Idempotency {
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `work` in a transaction, at most once per key. `T` must survive JSON.
   * @throws DomainError `key_reused` when the key was used for something else, `in_flight` while its first use is under way
   */
  async once<T>(ref: IdempotencyRef | null, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!ref) return this.transactions.run(work);
    const id = keyId(ref);
    await this.running.get(id)?.catch(() => undefined);
    const attempt = this.transactions.run(async (tx) => {
      const stored = await this.claim(tx, id, ref);
      if (stored !== null) return { value: JSON.parse(stored) as T, replayed: true };
      const value = await work(tx);
      await this.complete(tx, ref, value);
      return { value, replayed: false };
    });
    this.running.set(id, attempt);
    try {
      const { value, replayed } = await attempt;
      ref.replayed = replayed;
      return value;
    } finally {
      if (this.running.get(id) === attempt) this.running.delete(id);
    }
  }

  /**
   * First half of an effect with an outgoing call: takes the key, or answers the stored JSON of an earlier request.
   * The row stays without a result until {@link complete}.
   */
  async claim(tx: Tx, id: string, ref: IdempotencyRef): Promise<string | null> {
    const now = this.clock.now();
    try {
      await tx.execute('INSERT INTO idempotency_keys (id, hash, result, created_at) VALUES (?, ?, NULL, ?)', [
        id,
        ref.hash,
        now,
      ]);
      return null;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const { rows } = await tx.execute<StoredKey>(
      `SELECT hash, result, created_at FROM idempotency_keys WHERE id = ?${tx.sql.forUpdate}`,
      [id],
    );
    const stored = rows[0];
    if (!stored) return this.claim(tx, id, ref);
    if (stored.hash !== ref.hash)
      throw new DomainError('key_reused', 'this Idempotency-Key was used for another request');
    if (stored.result !== null) return stored.result;
    if (now - stored.created_at < ABANDONED_AFTER) {
      throw new DomainError('in_flight', 'the first request with this Idempotency-Key is under way', { retryAfter: 1 });
    }
    await tx.execute('UPDATE idempotency_keys SET created_at = ? WHERE id = ?', [now, id]);
    return null;
  }

  /** Second half: stores the domain result beside the effect. */
  async complete(tx: Tx, ref: IdempotencyRef, value: unknown): Promise<void> {
    await tx.execute('UPDATE idempotency_keys SET result = ? WHERE id = ?', [
      JSON.stringify(value ?? null),
      keyId(ref),
    ]);
  }

  /** Gives a claimed key back after an outgoing call that certainly had no effect. */
  async release(ref: IdempotencyRef): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.execute('DELETE FROM idempotency_keys WHERE id = ? AND result IS NULL', [keyId(ref)]);
    });
  }

  /** Deletes keys older than 24 h; answers how many. */
  async forgetOld(): Promise<number> {
    return this.transactions.run(async (tx) => {
      const before = this.clock.now() - IDEMPOTENCY_KEPT;
      return (await tx.execute('DELETE FROM idempotency_keys WHERE created_at < ?', [before])).affected;
    });
  }
}

export function keyId(ref: IdempotencyRef): string {
  return createHash('sha256')
    .update(JSON.stringify([ref.scope, ref.key]))
    .digest('hex');
}
