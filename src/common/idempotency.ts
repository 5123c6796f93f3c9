/** A caller's Idempotency-Key, bound to caller and path, with a hash of what was asked. */
export interface IdempotencyRef {
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of the parameters, hexadecimal. */
  readonly hash: string;
  /** Set when the answer is the stored one of an earlier request; the envelope then says so in a header. */
  replayed: boolean;
}
