import { asObject, parseJsonObject, textOf, type JsonObject } from './json.js';
import { parseRefund, parseTransaction } from './pay.parse.js';
import type { WechatRefund, WechatTransaction } from './pay.types.js';
import { openResource } from './resource-cipher.js';
import type { HeaderBag, SignatureProblem, Verifier } from './verifier.js';

interface EventBase {
  /** Unique per notification; all its retries carry the same. */
  readonly id: string;
  readonly eventType: string;
}

/** `other` is genuine, but no payment and no refund (such as the echo of a self-test). */
export type NotifyEvent =
  | (EventBase & { readonly kind: 'transaction'; readonly transaction: WechatTransaction })
  | (EventBase & { readonly kind: 'refund'; readonly refund: WechatRefund })
  | (EventBase & { readonly kind: 'other' });

export type NotifyRefusal = SignatureProblem | 'malformed' | 'undecryptable' | 'too_large' | 'not_configured';

export type OpenedNotify =
  { readonly ok: true; readonly event: NotifyEvent } | { readonly ok: false; readonly reason: NotifyRefusal };

const MOST_BYTES = 64 * 1024;

/** Verifies the raw bytes, then decrypts; never calls anybody. What the event says is still to be compared with our own records. */
export function openNotify(
  verifier: Verifier,
  apiV3Keys: readonly string[],
  rawBody: Buffer,
  headers: HeaderBag,
): OpenedNotify {
  if (rawBody.length > MOST_BYTES) return refused('too_large');
  const problem = verifier.problem(headers, rawBody);
  if (problem) return refused(problem);
  const notice = parseJsonObject(rawBody);
  const [id, eventType] = [textOf(notice?.['id']), textOf(notice?.['event_type'])];
  const resource = asObject(notice?.['resource']);
  if (!id || id.length > 64 || !eventType || !resource) return refused('malformed');
  const plaintext = openResource(apiV3Keys, resource);
  if (!plaintext) return refused('undecryptable');
  const json = parseJsonObject(plaintext);
  const event = json && eventOf({ id, eventType }, json);
  return event ? { ok: true, event } : refused('malformed');
}

function eventOf(base: EventBase, json: JsonObject): NotifyEvent | null {
  if (base.eventType.startsWith('TRANSACTION.')) {
    const transaction = parseTransaction(json);
    return transaction && { ...base, kind: 'transaction', transaction };
  }
  if (base.eventType.startsWith('REFUND.')) {
    const refund = parseRefund(json);
    return refund && { ...base, kind: 'refund', refund };
  }
  return { ...base, kind: 'other' };
}

function refused(reason: NotifyRefusal): OpenedNotify {
  return { ok: false, reason };
}
