import type { WechatPayConfig } from '../../config/wechat.config.js';
import { parseJsonObject, textOf, type JsonObject } from './json.js';
import type { MerchantSigner } from './merchant-signer.js';
import { DEFAULT_LIMITS, Outgoing, OutgoingFailure, type CallFor, type OutgoingReply } from './outgoing.js';
import type { PayOutcome } from './pay.types.js';
import type { SignatureProblem } from './verifier.js';

/** Of the places towards WeChat Pay. */
const SHARES = { payment: 24, other: 12, jobs: 12 };

export interface Apiv3Call extends CallFor {
  readonly method: 'GET' | 'POST';
  /** Path and query, percent-encoded: signed and sent as it is. */
  readonly target: string;
  readonly body?: JsonObject;
  /** Codes that say "not now, the same again later" for this call. */
  readonly retryCodes?: readonly string[];
}

/** Said by every call when it was not executed for reasons of load. */
const RETRY_CODES = ['FREQUENCY_LIMITED', 'FREQUENCY_LIMIT_EXCEED', 'RATELIMIT_EXCEEDED'];
/** Signed, and yet no verdict. */
const UNKNOWN_CODES = ['SYSTEM_ERROR', 'SYSTEMERROR', 'BANK_ERROR', 'BANKERROR', 'USER_PAYING', 'USERPAYING'];

/** One signed call and what it came to: nothing is believed that WeChat did not sign. */
export class Apiv3 {
  private readonly outgoing = new Outgoing({ ...DEFAULT_LIMITS, shares: SHARES });

  constructor(
    private readonly config: WechatPayConfig,
    private readonly signer: MerchantSigner,
    private readonly verify: (reply: OutgoingReply) => SignatureProblem | null,
    private readonly timeoutMs: number,
  ) {}

  /** `read` makes the value of a 2xx answer, or null when it is not what was asked for. */
  async call<T>(call: Apiv3Call, read: (json: JsonObject) => T | null): Promise<PayOutcome<T>> {
    const reply = await this.send(call);
    if ('kind' in reply) return reply;
    const problem = this.verify(reply);
    if (problem) return { kind: 'unknown', reason: `${problem}, HTTP ${reply.status}${hint(reply)}` };
    if (reply.status >= 200 && reply.status < 300 && reply.status !== 202) {
      const json = reply.body.length === 0 ? {} : parseJsonObject(reply.body);
      const value = json && read(json);
      return value === null ? { kind: 'unknown', reason: 'malformed' } : { kind: 'ok', value };
    }
    return verdict(reply, call.retryCodes ?? []);
  }

  /** The bare answer, for what WeChat does not sign (bill files) or what brings its own keys (certificates). */
  async send(
    call: Apiv3Call,
    timeoutMs = this.timeoutMs,
    maxBytes?: number,
  ): Promise<OutgoingReply | Exclude<PayOutcome<never>, { kind: 'ok' }>> {
    const { lane, caller, method, target } = call;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const request = {
      lane,
      caller,
      method,
      url: this.config.baseUrl + target,
      headers: this.headers(call, body),
      body,
    };
    try {
      return await this.outgoing.send(request, timeoutMs, maxBytes);
    } catch (error) {
      if (!(error instanceof OutgoingFailure)) throw error;
      return error.reason === 'overloaded'
        ? { kind: 'unavailable', reason: 'overloaded' }
        : { kind: 'unknown', reason: error.reason };
    }
  }

  private headers(call: Apiv3Call, body: string | undefined): Record<string, string> {
    return {
      authorization: this.signer.authorization(call.method, call.target, body ?? ''),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.config.publicKeyId ? { 'wechatpay-serial': this.config.publicKeyId } : {}),
    };
  }
}

function verdict(reply: OutgoingReply, retryCodes: readonly string[]): Exclude<PayOutcome<never>, { kind: 'ok' }> {
  const json = parseJsonObject(reply.body);
  const code = textOf(json?.['code']);
  if (!code) return { kind: 'unknown', reason: `HTTP ${reply.status} without a code` };
  if (RETRY_CODES.includes(code) || retryCodes.includes(code) || reply.status === 429) return { kind: 'retry', code };
  // OPENID_MISMATCH is final although WeChat answers it with 500.
  const failed = reply.status >= 500 && code !== 'OPENID_MISMATCH';
  if (UNKNOWN_CODES.includes(code) || reply.status === 202 || failed) return { kind: 'unknown', reason: code };
  return { kind: 'refused', code, message: textOf(json?.['message']) ?? '', status: reply.status };
}

/** An unsigned answer decides nothing, but its code and request id help whoever reads the log. */
function hint(reply: OutgoingReply): string {
  const code = textOf(parseJsonObject(reply.body)?.['code']);
  const requestId = reply.headers['request-id'];
  return `${code && /^\w{1,64}$/.test(code) ? ` ${code}` : ''}${requestId && /^[\w-]{1,64}$/.test(requestId) ? ` (Request-ID ${requestId})` : ''}`;
}
