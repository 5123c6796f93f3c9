import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DomainError } from '../common/domain-error.js';
import type { IdempotencyRef } from '../common/idempotency.js';
import { sha256 } from '../common/sha256.js';
import { Database } from './database.js';
import { isDuplicateKey } from './errors.js';
import { IdempotencyKey } from './idempotency.entity.js';
import { tableOf } from './table.js';
import { NEWEST_MARK, UptimeMarks } from './time/uptime-marks.js';
import { Transactions, type Tx } from './transactions.js';

type StoredKey = Pick<IdempotencyKey, 'hash' | 'result' | 'createdAt'>;

const KEYS = tableOf(IdempotencyKey);
const FIND = `SELECT ${KEYS.select(['hash', 'result', 'createdAt'])} FROM idempotency_keys WHERE id = ?`;
const TAKE =
  `INSERT INTO idempotency_keys (${KEYS.names(['id', 'hash', 'createdAt', 'uptimeMark'])}) ` +
  `SELECT ?, ?, ?, ${NEWEST_MARK}`;
/** How long a key is kept (milliseconds of uptime): 24 h, docs/security.md 2.6. */
const KEPT = 86_400_000;
/** A first half without its second for longer than this (milliseconds) died with its process; the same request may take over. */
const ABANDONED_AFTER = 60_000;

/** Makes an effect happen once per key. On the way of every purchase, so its statements are prepared ones. */
@Injectable()
export class Idempotency {
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly marks: UptimeMarks,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `work` in a transaction, at most once per key: key row, effect and stored result commit together. `T` must survive JSON.
   * @throws DomainError `key_reused` when the key was used for something else, `in_flight` while its first use is under way
   */
  async once<T>(ref: IdempotencyRef | null, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!ref) return this.transactions.run(work);
    const id = keyId(ref);
    for (let first = this.running.get(id); first; first = this.running.get(id)) {
      await first.catch(() => undefined);
      const stored = await this.database.readOne<StoredKey>(FIND, [id]);
      const result = stored && this.resultOf(stored, ref);
      if (result) return this.replay(ref, result) as T;
    }
    const attempt = this.transactions.run(async (tx) => {
      const stored = await this.claim(tx, id, ref);
      if (stored !== null) return this.replay(ref, stored) as T;
      const value = await work(tx);
      await this.complete(tx, ref, value);
      ref.replayed = false;
      return value;
    });
    this.running.set(id, attempt);
    try {
      return await attempt;
    } finally {
      if (this.running.get(id) === attempt) this.running.delete(id);
    }
  }

  /**
   * Runs `work`, which calls out and opens transactions of its own: the key is taken before it and completed after it. A failed
   * `work` gives the key back: what it has begun is kept in rows of its own, and the same request goes on there. `T` must
   * survive JSON. Raises as {@link once} does.
   */
  async around<T>(ref: IdempotencyRef | null, work: () => Promise<T>): Promise<T> {
    if (!ref) return work();
    const stored = await this.transactions.run((tx) => this.claim(tx, keyId(ref), ref));
    if (stored !== null) return this.replay(ref, stored) as T;
    try {
      const result = await work();
      await this.transactions.run((tx) => this.complete(tx, ref, result));
      return result;
    } catch (error) {
      await this.release(ref);
      throw error;
    }
  }

  /** Deletes keys that have been there for 24 h of uptime: no clock says which. */
  async deleteExpired(): Promise<void> {
    const mark = await this.marks.passed(KEPT);
    if (mark > 0) await this.transactions.write('DELETE FROM idempotency_keys WHERE uptime_mark < ?', [mark]);
  }

  /** Takes the key, or returns the stored JSON of an earlier request. The row has no result until {@link complete}. */
  private async claim(tx: Tx, id: string, ref: IdempotencyRef): Promise<string | null> {
    const now = this.clock.now();
    try {
      await tx.execute(TAKE, [id, ref.hash, now]);
      return null;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    // No row lock: everybody who met the duplicate shares one already, and two who want more are a deadlock.
    const stored = (await tx.execute<StoredKey>(FIND, [id])).rows[0];
    if (!stored) return this.claim(tx, id, ref);
    const result = this.resultOf(stored, ref);
    if (result !== null) return result;
    const { affected } = await tx.execute(
      'UPDATE idempotency_keys SET created_at = ? WHERE id = ? AND created_at = ? AND result IS NULL',
      [now, id, stored.createdAt],
    );
    if (affected === 0) throw inFlight();
    return null;
  }

  private async complete(tx: Tx, ref: IdempotencyRef, value: unknown): Promise<void> {
    await tx.execute('UPDATE idempotency_keys SET result = ? WHERE id = ?', [
      JSON.stringify(value ?? null),
      keyId(ref),
    ]);
  }

  private async release(ref: IdempotencyRef): Promise<void> {
    const statement = 'DELETE FROM idempotency_keys WHERE id = ? AND result IS NULL';
    await this.transactions.run((tx) => tx.execute(statement, [keyId(ref)]));
  }

  /** Null when the first use died on the way, so that this one may take over. */
  private resultOf(stored: StoredKey, ref: IdempotencyRef): string | null {
    if (stored.hash !== ref.hash) {
      throw new DomainError('key_reused', 'this Idempotency-Key was used for another request');
    }
    if (stored.result === null && this.clock.now() - stored.createdAt < ABANDONED_AFTER) throw inFlight();
    return stored.result;
  }

  private replay(ref: IdempotencyRef, result: string): unknown {
    ref.replayed = true;
    return JSON.parse(result);
  }
}

function inFlight(): DomainError {
  return new DomainError('in_flight', 'the first request with this Idempotency-Key is under way', { retryAfter: 1 });
}

function keyId(ref: IdempotencyRef): string {
  return sha256(JSON.stringify([ref.scope, ref.key]));
}
