import type { WechatApp } from '../../config/wechat.config.js';
import { textOf } from './json.js';
import type { WechatApi } from './wechat-api.js';
import { WechatError } from './wechat-error.js';

const EXPIRED = new Set(['40001', '42001']);
const MARGIN_MS = 60_000;

/** The stable access token of one app, kept in memory only; however many callers wait, one request fetches it. */
export class AccessToken {
  private current: { readonly token: string; readonly until: number } | null = null;
  private fetching: Promise<string> | null = null;

  constructor(
    private readonly api: WechatApi,
    private readonly app: WechatApp,
    private readonly monotonic: () => number,
  ) {}

  /** Runs a call with the token; when WeChat says it has expired, fetches it once more and repeats the call once. */
  async use<T>(call: (token: string) => Promise<T>): Promise<T> {
    const token = await this.get();
    try {
      return await call(token);
    } catch (error) {
      if (!(error instanceof WechatError) || !EXPIRED.has(error.code)) throw error;
      if (this.current?.token === token) this.current = null;
      return call(await this.get());
    }
  }

  private get(): Promise<string> {
    if (this.current && this.monotonic() < this.current.until) return Promise.resolve(this.current.token);
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  private async fetch(): Promise<string> {
    const { appId: appid, secret } = this.app;
    const credential = { grant_type: 'client_credential', appid, secret };
    const reply = await this.api.call({ lane: 'other', path: '/cgi-bin/stable_token', query: {}, body: credential });
    const token = textOf(reply['access_token']);
    const seconds = Number(reply['expires_in']);
    if (!token || !Number.isFinite(seconds)) throw new WechatError('unavailable', 'malformed');
    this.current = { token, until: this.monotonic() + Math.max(0, seconds * 1000 - MARGIN_MS) };
    return token;
  }
}
