import { describe, expect, it } from '@jest/globals';
import { fen } from '../../../src/common/money.js';
import { Transactions } from '../../../src/database/transactions.js';
import { account } from '../../../src/modules/ledger/chart-of-accounts.js';
import { JobsService } from '../../../src/modules/jobs/jobs.service.js';
import { LedgerService } from '../../../src/modules/ledger/ledger.service.js';
import { refused, succeeded } from '../../support/api-v1.js';
import { openMall } from '../../support/stage.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';

const GRANT = '/api/v1/wallet/grant';

const { app, loggedIn } = openMall();
const root = loggedIn('root', 7);
let buyers = 0;

const newBuyer = () => app.login(`holder${(buyers += 1)}`);
const grant = (body: object, by = root.token) => app.post(GRANT, body, by);
const give = async (userId: number, amount: number, asset = 'CNY') =>
  succeeded(await grant({ userId, asset, amount, reason: '开业活动' }));
const wallet = async (token: string) => succeeded(await app.get('/api/v1/wallet', {}, token));
const entries = async (token: string, query: object = {}) =>
  succeeded(await app.get('/api/v1/wallet/statement', query, token))['entries'] as Record<string, unknown>[];
const pay = (from: number, shop: number, amount: number, key: string) =>
  app.app.get(Transactions).run((tx) =>
    app.app.get(LedgerService).post(tx, {
      key,
      kind: 'order_payment',
      orderId: 77,
      name: '茶',
      postings: [
        {
          source: account.userBalance(from),
          destination: account.merchantPayable(shop),
          amount: fen(amount),
          asset: 'CNY',
        },
      ],
    }),
  );

describe('GET wallet', () => {
  it('is empty for a new user', async () => {
    const { token } = await newBuyer();
    expect(await wallet(token)).toEqual({ balance: 0, coupon: 0 });
    expect(await entries(token)).toEqual([]);
  });

  it('shows balance and coupon in yuan, to the fen', async () => {
    const buyer = await newBuyer();
    await give(buyer.id, 1.15);
    await give(buyer.id, 0.01);
    await give(buyer.id, 20, 'COUPON');
    expect(await wallet(buyer.token)).toEqual({ balance: 1.16, coupon: 20 });
  });

  it('refuses strangers', async () => {
    await refusesStrangers(() => app.get('/api/v1/wallet'));
    await refusesStrangers(() => app.get('/api/v1/wallet/statement'));
  });
});

describe('GET wallet/statement', () => {
  it('lists what moved, newest first, signed, each asset by itself', async () => {
    const buyer = await newBuyer();
    const before = Math.floor(Date.now() / 1000);
    await give(buyer.id, 10);
    await give(buyer.id, 3, 'COUPON');
    await pay(buyer.id, 9001, 550, `statement:${buyer.id}`);
    const lines = await entries(buyer.token);
    expect(lines).toEqual([
      expect.objectContaining({ amount: -5.5, balance_after: 4.5, type: 'order_payment', order_id: 77, reason: '' }),
      expect.objectContaining({ amount: 10, balance_after: 10, type: 'grant', order_id: 0, reason: '开业活动' }),
    ]);
    expect(Object.keys(lines[0])).toEqual([
      'entry_id',
      'amount',
      'balance_after',
      'type',
      'order_id',
      'reason',
      'time',
    ]);
    expect(lines[0]['time']).toBeGreaterThanOrEqual(before);
    expect(await entries(buyer.token, { asset: 'CNY' })).toEqual(lines);
    expect(await entries(buyer.token, { asset: 'COUPON' })).toMatchObject([{ amount: 3, balance_after: 3 }]);
  });

  it('is paged by from and length, at most 100 at once', async () => {
    const buyer = await newBuyer();
    for (let fen = 1; fen <= 12; fen += 1) await give(buyer.id, fen / 100);
    const all = await entries(buyer.token, { length: 1000 });
    expect(all.map(({ amount }) => amount)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((fen) => fen / 100));
    expect(await entries(buyer.token, { from: 3, length: '2' })).toEqual(all.slice(3, 5));
    expect(await entries(buyer.token, { from: 50 })).toEqual([]);
    expect(await entries(buyer.token, { from: Number.MAX_SAFE_INTEGER })).toEqual([]);
  });

  it('refuses wrong parameters', async () => {
    const { token } = await newBuyer();
    for (const query of [
      { from: -1 },
      { from: 'x' },
      { length: 0 },
      { length: 1.5 },
      { asset: 'GOLD' },
      { asset: 'cny' },
    ]) {
      refused(await app.get('/api/v1/wallet/statement', query, token), 400);
    }
  });
});

describe('POST wallet/grant', () => {
  it('is an audit row and a ledger transaction out of platform:promotion', async () => {
    const buyer = await newBuyer();
    const { transaction_id } = await give(buyer.id, 8.88, 'COUPON');
    const [row] = await app.rows(
      'SELECT granted_by, user_id, asset, amount, reason FROM wallet_grants WHERE transaction_id = ?',
      [Number(transaction_id)],
    );
    expect(row).toEqual({ granted_by: root.id, user_id: buyer.id, asset: 'COUPON', amount: 888, reason: '开业活动' });
    const legs = await app.rows(
      'SELECT a.address, e.amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = ? ORDER BY e.id',
      [Number(transaction_id)],
    );
    expect(legs).toEqual([
      { address: 'platform:promotion', amount: -888 },
      { address: `user:${buyer.id}:coupon`, amount: 888 },
    ]);
  });

  it('is for root alone', async () => {
    const buyer = await newBuyer();
    const merchant = await app.login('granting-merchant', 3);
    const body = { userId: buyer.id, asset: 'CNY', amount: 1, reason: 'x' };
    await refusesStrangers(() => app.post(GRANT, body));
    refused(await grant(body, buyer.token), 403);
    refused(await grant(body, merchant.token), 403);
    expect(await wallet(buyer.token)).toEqual({ balance: 0, coupon: 0 });
  });

  it('answers 404 for an unknown user and books nothing', async () => {
    refused(await grant({ userId: 999_999, asset: 'CNY', amount: 1, reason: 'x' }), 404);
    expect(await app.rows("SELECT id FROM ledger_accounts WHERE address LIKE 'user:999999:%'")).toEqual([]);
  });

  it('refuses wrong parameters, a blank reason too, and moves nothing', async () => {
    const buyer = await newBuyer();
    const good = { userId: buyer.id, asset: 'CNY', amount: 1, reason: 'x' };
    await refusesParameters(grant, good, {
      userId: wrong.id,
      asset: ['GOLD', 'cny', '', 1, null, []],
      amount: wrong.yuan(0.01, 21_474_836.47),
      reason: [...wrong.text(1, 255), ' \t'],
    });
    expect(await wallet(buyer.token)).toEqual({ balance: 0, coupon: 0 });
  });
});

describe('an Idempotency-Key on a grant', () => {
  const keyed = (key: string, body: object, at = app) => at.post(GRANT, body, root.token).set('Idempotency-Key', key);
  const bodyFor = (userId: number) => ({ userId, asset: 'CNY', amount: 5, reason: 'x' });

  it('has one effect and 50 equal answers when it is sent 50 times in parallel', async () => {
    const buyer = await newBuyer();
    const replies = await Promise.all(Array.from({ length: 50 }, () => keyed('parallel', bodyFor(buyer.id))));
    const done = replies.filter(({ status }) => status === 200);
    for (const reply of replies) if (reply.status !== 200) refused(reply, 409);
    expect(done.length).toBeGreaterThan(0);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(done.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(await wallet(buyer.token)).toEqual({ balance: 5, coupon: 0 });
  });

  it('has one effect over two instances, and answers the same after a restart', async () => {
    const buyer = await newBuyer();
    const second = await app.beside();
    const calls = Array.from({ length: 20 }, (_, index) =>
      keyed('instances', bodyFor(buyer.id), index % 2 ? second : app),
    );
    const texts = (await Promise.all(calls)).filter(({ status }) => status === 200).map(({ text }) => text);
    await second.stop();
    const third = await app.beside();
    const late = await keyed('instances', bodyFor(buyer.id), third);
    await third.stop();
    expect(late.headers['idempotency-replayed']).toBe('true');
    expect(new Set([...texts, late.text]).size).toBe(1);
    expect(await wallet(buyer.token)).toEqual({ balance: 5, coupon: 0 });
  });

  it('is refused with 409 for other content, and free for another caller', async () => {
    const buyer = await newBuyer();
    succeeded(await keyed('content', bodyFor(buyer.id)));
    refused(await keyed('content', { ...bodyFor(buyer.id), amount: 6 }), 409);
    const secondRoot = await app.login('root2', 7);
    succeeded(await app.post(GRANT, bodyFor(buyer.id), secondRoot.token).set('Idempotency-Key', 'content'));
    expect(await wallet(buyer.token)).toEqual({ balance: 10, coupon: 0 });
  });

  it('is 409 with Retry-After while the first use is under way', async () => {
    const buyer = await newBuyer();
    succeeded(await keyed('flight', bodyFor(buyer.id)));
    await app.tamper(
      'UPDATE idempotency_keys SET result = NULL WHERE id = (SELECT id FROM (SELECT id FROM idempotency_keys ORDER BY created_at DESC LIMIT 1) latest)',
    );
    const reply = await keyed('flight', bodyFor(buyer.id));
    refused(reply, 409);
    expect(reply.headers['retry-after']).toBe('1');
  });

  it('is not used up by a refusal', async () => {
    const buyer = await newBuyer();
    refused(await keyed('refused', { ...bodyFor(buyer.id), userId: 999_999 }), 404);
    refused(await keyed('refused', { ...bodyFor(buyer.id), amount: -1 }), 400);
    succeeded(await keyed('refused', bodyFor(buyer.id)));
  });

  it('must be 1 to 255 visible characters', async () => {
    const buyer = await newBuyer();
    for (const key of ['', 'a b', 'x'.repeat(256)]) refused(await keyed(key, bodyFor(buyer.id)), 400);
  });

  it('is forgotten after 24 hours of uptime', async () => {
    const buyer = await newBuyer();
    succeeded(await keyed('old', bodyFor(buyer.id)));
    await app.tamper('INSERT INTO uptime_marks (id, created_at) VALUES (145, 0)');
    await app.app.get(JobsService).runNow('idempotency.cleanup');
    expect(await app.rows('SELECT id FROM idempotency_keys')).toEqual([]);
    succeeded(await keyed('old', { ...bodyFor(buyer.id), amount: 7 }));
    expect(await wallet(buyer.token)).toEqual({ balance: 12, coupon: 0 });
  });
});

describe('GET shop/balance and shop/statement', () => {
  it('show a merchant what the mall owes him', async () => {
    const [buyer, merchant] = [await newBuyer(), await app.login('payable', 3)];
    await give(buyer.id, 100);
    await pay(buyer.id, merchant.id, 1234, `shop:${buyer.id}`);
    expect(succeeded(await app.get('/api/v1/shop/balance', {}, merchant.token))).toEqual({ payable: 12.34 });
    const statement = succeeded(await app.get('/api/v1/shop/statement', { from: 0, length: 5 }, merchant.token));
    expect(statement['entries']).toMatchObject([{ amount: 12.34, balance_after: 12.34, order_id: 77 }]);
  });

  it('are for merchants alone, each his own', async () => {
    const merchant = await app.login('no-sales', 2);
    expect(succeeded(await app.get('/api/v1/shop/balance', {}, merchant.token))).toEqual({ payable: 0 });
    for (const path of ['/api/v1/shop/balance', '/api/v1/shop/statement']) {
      await refusesStrangers(() => app.get(path));
      refused(await app.get(path, {}, (await newBuyer()).token), 403);
    }
    refused(await app.get('/api/v1/shop/statement', { length: 0 }, merchant.token), 400);
  });
});
