import type { Fen } from '../../common/money.js';

/**
 * What a call to WeChat Pay came to. Business decisions rest on `ok` and `refused` only: both were signed by WeChat.
 * - `refused`: WeChat's final no, with a message for logs, not for users (`ORDERPAID`, `ORDER_NOT_EXIST`, `INVALID_REQUEST`, …); the same call again gets the same.
 * - `unknown`: it may have been executed or not (time-out, lost connection, server error, unsigned or wrongly signed answer). Keep the state and ask later.
 * - `retry`: not executed now; repeat the very same numbers later (frequency limits, `NOT_ENOUGH`).
 * - `unavailable`: nothing was sent (payments not configured, WeChat known to be away, no key to verify answers with yet).
 */
export type PayOutcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly status: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'retry'; readonly code: string }
  | { readonly kind: 'unavailable'; readonly reason: 'not_configured' | 'overloaded' | 'no_verification_key' };

/** `REFUND` means paid, and wholly or partly refunded since. The last three belong to payment codes. */
export const TRADE_STATES = ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'] as const;

/** An order at WeChat, from a query or a payment notification. */
export interface WechatTransaction {
  readonly appId: string;
  readonly mchId: string;
  readonly outTradeNo: string;
  readonly transactionId: string | null;
  readonly tradeType: string | null;
  readonly tradeState: (typeof TRADE_STATES)[number];
  readonly successTime: Date | null;
  readonly payerOpenid: string | null;
  /** The order's amount: what ours is compared with. Null when WeChat sent none. */
  readonly total: Fen | null;
  readonly currency: string | null;
}

export const REFUND_STATUSES = ['SUCCESS', 'CLOSED', 'PROCESSING', 'ABNORMAL'] as const;

/** A refund at WeChat, from the call, a query or a refund notification. */
export interface WechatRefund {
  /** Only notifications carry it. */
  readonly mchId: string | null;
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly status: (typeof REFUND_STATUSES)[number];
  readonly successTime: Date | null;
  readonly refund: Fen;
  readonly total: Fen;
}

/** Freeze these before the first call and send the same ever after: WeChat refuses a number whose parameters changed. */
export interface PrepayParameters {
  /** 6 to 32 of `[0-9A-Za-z_-]`, unique per merchant for ever. */
  readonly outTradeNo: string;
  readonly description: string;
  /** 1 or more. */
  readonly total: Fen;
  /** The last moment to pay; not a close. */
  readonly expiresAt?: Date;
  /** Default: the configured one. */
  readonly notifyUrl?: string | undefined;
}

export interface JsapiPrepayParameters extends PrepayParameters {
  /** The payer's openid under the mini program. */
  readonly openid: string;
}

export interface RefundParameters {
  readonly outTradeNo: string;
  /** 1 to 64; one number refunds at most once, so a repeat must use the same. */
  readonly outRefundNo: string;
  readonly refund: Fen;
  /** The whole amount of the order. */
  readonly total: Fen;
  /** At most 80 bytes; longer ones are cut. */
  readonly reason?: string;
  readonly notifyUrl?: string | undefined;
}
