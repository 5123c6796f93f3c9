import request from 'supertest';
import { fen } from '../../src/common/money.js';
import { WalletService } from '../../src/modules/ledger/wallet.service.js';
import type { TestApp } from './app.js';

/** Cheap hashes: the tests ask what is hashed, not how slowly. A trusted proxy lets every client have an address of its own. */
export const WEB_ENV = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', TRUSTED_PROXIES: 'loopback' } as const;

export const PASSWORD = 'correct horse battery';

let phones = 13_800_000_000;
let addresses = 0;

/** A mainland phone that no test has used yet. */
export function freshPhone(): string {
  phones += 1;
  return String(phones);
}

/** The session cookie that a reply sets: its value and its attributes as sent; null when it sets none. */
export function sessionCookieOf(reply: request.Response): { value: string; attributes: string[] } | null {
  const headers = (reply.headers['set-cookie'] ?? []) as unknown as string[];
  const header = headers.find((line) => line.startsWith('session='));
  if (header === undefined) return null;
  const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
  return { value: pair.slice('session='.length), attributes };
}

/** A client that keeps the session cookie, as a browser does; it sends no browser header unless told to. */
export class WebClient {
  cookie = '';
  address = `198.51.${Math.floor((addresses += 1) / 250)}.${addresses % 250}`;

  constructor(private readonly app: TestApp) {}

  /** A new account with its session. */
  static async signUp(app: TestApp, phone = freshPhone()): Promise<WebClient & { userId: number; phone: string }> {
    const client = new WebClient(app);
    const reply = await client.post('/account/signup', { phone, password: PASSWORD });
    if (reply.body.code !== 0) throw new Error(`signup failed: ${reply.text}`);
    return Object.assign(client, { userId: Number(reply.body.data.id), phone });
  }

  get(path: string, query: object = {}, headers: Record<string, string> = {}): Promise<request.Response> {
    return this.send(request(this.app.url).get(path).query(query), headers);
  }

  post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<request.Response> {
    return this.send(request(this.app.url).post(path).send(body), headers);
  }

  form(path: string, body: object, headers: Record<string, string> = {}): Promise<request.Response> {
    return this.send(request(this.app.url).post(path).type('form').send(body), headers);
  }

  head(path: string): Promise<request.Response> {
    return this.send(request(this.app.url).head(path), {});
  }

  private async send(test: request.Test, headers: Record<string, string>): Promise<request.Response> {
    const cookie = this.cookie === '' ? {} : { Cookie: `session=${this.cookie}` };
    const reply = await test.set({ 'X-Forwarded-For': this.address, ...cookie, ...headers });
    const set = sessionCookieOf(reply);
    if (set) this.cookie = set.value;
    return reply;
  }
}

/** Gives fen of balance (CNY) or coupon, as root's wallet/grant does. */
export async function grant(app: TestApp, userId: number, asset: 'CNY' | 'COUPON', amount: number): Promise<void> {
  await app.app.get(WalletService).grant(null, 0, { userId, asset, amount: fen(amount), reason: '开业活动' });
}
