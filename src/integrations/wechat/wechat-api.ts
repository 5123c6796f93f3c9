import { setTimeout as pause } from 'node:timers/promises';
import { parseJsonObject, type JsonObject } from './json.js';
import { DEFAULT_LIMITS, Outgoing, OutgoingFailure, type CallFor } from './outgoing.js';
import { errorOfErrcode, WechatError } from './wechat-error.js';

const BUSY = -1;
const BUSY_PAUSE_MS = 150;
/** Of the places towards this host: log-ins must not wait for phone numbers. */
const SHARES = { login: 32, other: 8 };

export interface WechatApiCall extends CallFor {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Absent: a GET. */
  readonly body?: JsonObject;
}

/** Calls of `api.weixin.qq.com`: the verdict is `errcode` in the JSON, HTTP 200 says nothing. */
export class WechatApi {
  private readonly outgoing = new Outgoing({ ...DEFAULT_LIMITS, shares: SHARES });

  constructor(
    private readonly baseUrl: string,
    private readonly timeoutMs: number,
  ) {}

  /**
   * One call with one deadline; "busy" (-1) is asked once more shortly after, within that deadline.
   * @throws WechatError
   */
  async call(call: WechatApiCall): Promise<JsonObject> {
    const deadline = performance.now() + this.timeoutMs;
    const first = await this.once(call, this.timeoutMs);
    if (first['errcode'] !== BUSY) return succeeded(first);
    await pause(BUSY_PAUSE_MS);
    const left = deadline - performance.now();
    return succeeded(left > 0 ? await this.once(call, left) : first);
  }

  private async once({ lane, caller, path, query, body }: WechatApiCall, timeoutMs: number): Promise<JsonObject> {
    const url = `${this.baseUrl}${path}?${new URLSearchParams(query).toString()}`;
    try {
      const reply = await this.outgoing.send(
        body
          ? {
              lane,
              caller,
              method: 'POST',
              url,
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }
          : { lane, caller, method: 'GET', url },
        timeoutMs,
      );
      const json = parseJsonObject(reply.body);
      if (reply.status !== 200 || !json) {
        throw new WechatError('unavailable', reply.status === 200 ? 'malformed' : `http_${reply.status}`);
      }
      return json;
    } catch (error) {
      throw error instanceof OutgoingFailure ? new WechatError('unavailable', error.reason) : error;
    }
  }
}

/** On success errcode is 0 or absent, depending on the call. */
function succeeded(reply: JsonObject): JsonObject {
  const errcode = reply['errcode'];
  if (errcode === undefined || errcode === null || Number(errcode) === 0) return reply;
  if (!Number.isInteger(Number(errcode))) throw new WechatError('unavailable', 'malformed');
  throw errorOfErrcode(Number(errcode), reply['errmsg']);
}
