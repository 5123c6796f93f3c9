/**
 * `refused`: WeChat will not accept this code or user; asking again with the same input is pointless.
 * `unavailable`: WeChat is away, busy or misconfigured on our side; the same user may succeed later.
 */
export type WechatErrorKind = 'refused' | 'unavailable';

/**
 * A failed call on the login side. `code` is WeChat's errcode as text (`'40163'`) or one of our own words
 * (`no_openid`, `foreign_app`, `timeout`, `network`, `overloaded`, `malformed`, …). The message is for logs, never for users.
 */
export class WechatError extends Error {
  constructor(
    readonly kind: WechatErrorKind,
    readonly code: string,
    /** WeChat's request id, which its support asks for. */
    readonly rid: string | null = null,
  ) {
    super(`WeChat call ${kind}: ${code}${rid ? ` (rid ${rid})` : ''}`);
    this.name = 'WechatError';
  }
}

/** Busy, quotas, and mistakes in our own credentials: not the user's doing. Source: the error tables of code2Session, stable_token and getPhoneNumber. */
const NOT_THE_USERS_FAULT = new Set([
  -1, 40001, 40013, 40014, 40125, 40164, 40243, 41001, 41002, 41004, 42001, 45009, 45011, 48001, 50002, 61024,
]);

export function errorOfErrcode(errcode: number, errmsg: unknown): WechatError {
  const rid = typeof errmsg === 'string' ? (/rid:\s*([\w-]{1,64})/.exec(errmsg)?.[1] ?? null) : null;
  return new WechatError(NOT_THE_USERS_FAULT.has(errcode) ? 'unavailable' : 'refused', String(errcode), rid);
}
