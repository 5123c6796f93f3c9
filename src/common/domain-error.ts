/** Why a use case refused. Every dialect maps each of these to its own wire (see `protocols/*.dialect.ts`). */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'invalid_token'
  | 'wrong_password'
  | 'forbidden'
  | 'not_found'
  | 'unknown_route'
  | 'method_not_allowed'
  | 'conflict'
  | 'duplicate'
  | 'insufficient_balance'
  | 'key_reused'
  | 'in_flight'
  | 'too_large'
  | 'unsupported_media_type'
  | 'too_many_requests'
  | 'internal'
  | 'unavailable';

export interface ErrorHints {
  /** Whole seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfter?: number;
  /** Methods allowed on the path; sent as Allow. */
  readonly allow?: string;
  readonly cause?: unknown;
}

/** The only error that services throw on purpose. The message is shown to callers: no secret, no SQL, no foreign data. */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hints: ErrorHints = {},
  ) {
    super(message, hints.cause === undefined ? undefined : { cause: hints.cause });
    this.name = 'DomainError';
  }
}

export function notFound(what: string): DomainError {
  return new DomainError('not_found', `${what} not found`);
}
