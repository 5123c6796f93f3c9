import { createHash, randomBytes } from 'node:crypto';
import { SystemClock, type Clock } from '../../src/common/clock.js';

/** A parameter as a partner's program holds it: the Node SDK tells 0 and '0' apart. */
export type Value = string | number;
export type Values = Readonly<Record<string, Value>>;
/** Whose published SDK is imitated; `document` follows the published rule. */
export type Style = 'document' | 'node' | 'go' | 'python' | 'dart';

export interface OpenReply {
  readonly http: number;
  readonly contentType: string;
  readonly text: string;
  readonly status: unknown;
  readonly msg: unknown;
  readonly data: unknown;
}

export interface LinkvAccess {
  readonly appId: string;
  readonly secret: string;
  readonly alias: string;
}

const SIGNED: Readonly<Record<Style, (value: Value) => boolean>> = {
  document: (value) => value !== '',
  node: (value) => Boolean(value),
  go: () => true,
  python: () => true,
  dart: () => true,
};
const DAY = 86_400;

/** A partner's server: signs in the style of one of LinkV's SDKs, written from their sources and not from ours. */
export class LinkvClient {
  constructor(
    readonly server: { readonly url: string },
    readonly access: LinkvAccess,
    private readonly clock: Clock = new SystemClock(),
    readonly style: Style = 'document',
  ) {}

  as(style: Style): LinkvClient {
    return new LinkvClient(this.server, this.access, this.clock, style);
  }

  sign(values: Values, secret = this.access.secret): string {
    const text = Object.keys(values)
      .filter((name) => name !== 'sign' && SIGNED[this.style](values[name]))
      .sort()
      .map((name) => `${name}=${values[name]}`)
      .join('&');
    return createHash('md5').update(`${text}&key=${secret}`).digest('hex');
  }

  /** Unix seconds. */
  get seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  nonce(seconds = this.seconds): string {
    const length = this.style === 'node' ? 7 : 8;
    return `${random(length)}${seconds}${random(length)}`;
  }

  /** `values` with app id, nonce and signature, which may be given. */
  signed(values: Values): Values {
    const whole = { nonce_str: this.nonce(), app_id: this.access.appId, ...values };
    return { ...whole, sign: values['sign'] ?? this.sign(whole) };
  }

  /** What the SDK of this style would send: GET for Go's and Python's balance, the query of an empty POST for Dart. */
  async send(path: string, values: Values): Promise<OpenReply> {
    const text = encode(this.signed(values));
    if (this.style === 'dart') return this.raw('POST', `${path}?${text}`);
    const asks = path.endsWith('getUserTokens') && (this.style === 'go' || this.style === 'python');
    return asks ? this.raw('GET', `${path}?${text}`) : this.raw('POST', path, text);
  }

  async raw(
    method: string,
    pathAndQuery: string,
    body?: string,
    contentType = 'application/x-www-form-urlencoded',
  ): Promise<OpenReply> {
    const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': contentType };
    const response = await fetch(`${this.server.url}${pathAndQuery}`, { method, headers, body: body ?? null });
    const text = await response.text();
    const { status, msg, data } = JSON.parse(text) as Record<string, unknown>;
    return { http: response.status, contentType: response.headers.get('content-type') ?? '', text, status, msg, data };
  }

  thGetToken(values: Values = {}): Promise<OpenReply> {
    const profile = { userId: `u-${random(8)}`, aid: 'device-1', name: 'Ann', portraitUri: 'https://a.example/p.png' };
    return this.send('/open/v0/thGetToken', { ...profile, ...values });
  }

  async openId(values: Values = {}): Promise<string> {
    const reply = await this.thGetToken(values);
    if (reply.status !== '200') throw new Error(reply.text);
    return (reply.data as { openId: string }).openId;
  }

  changeGold(uid: string, type: Value, value: Value, values: Values = {}): Promise<OpenReply> {
    return this.send('/open/finanv0/changeGold', this.change(uid, type, value, values));
  }

  orderSuccess(uid: string, type: Value, value: Value, values: Values = {}): Promise<OpenReply> {
    const order = { order_id: `order-${random(8)}`, money: 99, channel: this.access.alias, platform: 'ios' };
    return this.send('/open/finanv0/orderSuccess', { ...order, ...this.change(uid, type, value, values) });
  }

  getUserTokens(uid: string, values: Values = {}): Promise<OpenReply> {
    return this.send('/open/finanv0/getUserTokens', { uid, ...values });
  }

  /** The balance as text. */
  async tokens(uid: string): Promise<string> {
    const reply = await this.getUserTokens(uid);
    if (reply.status !== '200') throw new Error(reply.text);
    return (reply.data as { tokens: string }).tokens;
  }

  requestId(): string {
    return `${this.access.appId.slice(2)}-${random(9)}`;
  }

  /** Coins for `days`, as this style writes it. */
  expriation(days = 91): string {
    const now = this.seconds;
    if (this.style === 'node') return `${now}${days * DAY}`;
    return this.style === 'python' ? `${now + days * DAY}.0` : String(now + days * DAY);
  }

  private change(uid: string, type: Value, value: Value, values: Values): Values {
    return { uid, request_id: this.requestId(), type, value, expriation: this.expriation(), ...values };
  }
}

export function encode(values: Values): string {
  return new URLSearchParams(
    Object.entries(values).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function random(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length);
}
