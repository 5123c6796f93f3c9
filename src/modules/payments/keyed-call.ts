import { Injectable } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Idempotency, keyId } from '../../database/idempotency.js';
import { Transactions } from '../../database/transactions.js';

/** Idempotency-Keys of effects with an outgoing call: the key is taken before it and completed after it. */
@Injectable()
export class KeyedCall {
  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * Answers the stored result of an earlier call, or runs `work`. A failed `work` gives the key back: what it has begun is
   * kept in rows of its own, and the same request goes on there. `T` must survive JSON.
   * @throws DomainError `key_reused`, `in_flight`
   */
  async once<T>(ref: IdempotencyRef | null, work: () => Promise<T>): Promise<T> {
    if (!ref) return work();
    const stored = await this.transactions.run((tx) => this.idempotency.claim(tx, keyId(ref), ref));
    if (stored !== null) {
      ref.replayed = true;
      return JSON.parse(stored) as T;
    }
    try {
      const result = await work();
      await this.transactions.run((tx) => this.idempotency.complete(tx, ref, result));
      return result;
    } catch (error) {
      await this.idempotency.release(ref);
      throw error;
    }
  }
}
