import { expect } from '@jest/globals';
import type { TestApp } from './app.js';
import type { Clock } from '../../src/common/clock.js';
import { LinkvClient, type OpenReply } from './linkv-client.js';

const TEXT = 'text/plain; charset=utf-8';

/** A partner whose app is the one that the server is started with. */
export function partnerOf(app: TestApp, clock?: Clock): LinkvClient {
  const access = {
    get appId() {
      return app.config.linkv!.appId;
    },
    get secret() {
      return app.config.linkv!.appSecret;
    },
    get alias() {
      return app.config.linkv!.appAlias;
    },
  };
  return new LinkvClient(app, access, clock);
}

/** A success; answers its `data`, which must be absent where `without` says so. */
export function accepted(reply: OpenReply): Record<string, unknown> | undefined {
  const { http, contentType, status, msg } = reply;
  expect({ http, contentType, status, msg }).toEqual({ http: 200, contentType: TEXT, status: '200', msg: '' });
  return reply.data as Record<string, unknown> | undefined;
}

/** A refusal: HTTP 200, the verdict a string, nothing but `status` and `msg`; answers `msg`. */
export function refusedOpen(reply: OpenReply, status: '400' | '403', msg?: string): string {
  const { http, contentType, text } = reply;
  expect({ http, contentType, body: JSON.parse(text) as unknown }).toEqual({
    http: 200,
    contentType: TEXT,
    body: { status, msg: msg ?? expect.stringMatching(/./) },
  });
  return reply.msg as string;
}

/** Balance over the wire, sum of live lots and ledger balance are one number. */
export async function expectCoins(app: TestApp, partner: LinkvClient, openId: string, coins: number): Promise<void> {
  expect(await partner.tokens(openId)).toBe(String(coins));
  const [lots] = await app.rows<{ sum: number | string }>(
    'SELECT COALESCE(SUM(remaining), 0) AS sum FROM gold_lots WHERE open_id = ? AND live = 1',
    [openId],
  );
  const [ledger] = await app.rows<{ balance: number }>('SELECT balance FROM ledger_accounts WHERE address = ?', [
    `linkv:${openId}:gold`,
  ]);
  expect({ lots: Number(lots.sum), ledger: Number(ledger?.balance ?? 0) }).toEqual({ lots: coins, ledger: coins });
}
