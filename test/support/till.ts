import { afterAll, expect } from '@jest/globals';
import type { Response } from 'supertest';
import { fen } from '../../src/common/money.js';
import type { RefundParameters } from '../../src/integrations/wechat/pay.types.js';
import { WechatPayClient } from '../../src/integrations/wechat/wechat-pay.client.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { succeeded } from './api-v1.js';
import type { TestApp, TestAppOptions, TestUser } from './app.js';
import type { Site } from './site.js';
import { startBeforeAll, type Stage } from './stage.js';

type Unbranded<T> = { [K in keyof T]: T[K] extends number ? number : T[K] };

/** The ladder of tests: everything pending is due at every round of the reconciler. */
export const AT_ONCE = { RECONCILE_LADDER: '0.001' };

const CAST = { buyer: 1, other: 1, merchant: 3, second: 3, root: 7 } as const;

/** Two buyers, two merchants and root, with their permission bits. */
export type Cast = Readonly<Record<keyof typeof CAST, TestUser>>;

/** Logs in the cast for tests of money. */
export async function castOf(app: TestApp): Promise<Cast> {
  const users: Partial<Record<keyof typeof CAST, TestUser>> = {};
  for (const [name, permission] of Object.entries(CAST)) {
    users[name as keyof typeof CAST] = await app.login(name, permission);
  }
  return users as Cast;
}

/** As {@link openMall}, with the cast and a till; once all tests have run the books must be clean and agree with WeChat's. */
export function openTill(options: TestAppOptions = {}): Stage & Cast & { readonly till: Till } {
  const stage = startBeforeAll(options);
  const { app, loggedIn } = stage;
  const users = Object.entries(CAST).map(([name, permission]) => [name, loggedIn(name, permission)]);
  const cast = Object.fromEntries(users) as Cast;
  const till = new Till(app, cast.root);
  afterAll(async () => {
    try {
      await till.expectClean();
      await till.expectAgreement();
    } finally {
      await app.stop();
    }
  });
  return { ...stage, ...cast, till };
}

/** The till: pays, refunds and looks at the books, over HTTP; amounts in yuan. */
export class Till {
  constructor(
    readonly app: TestApp,
    readonly root: TestUser,
    /** Where the calls go, when another server works over the same database and WeChat. */
    private readonly site: Site = app,
  ) {}

  get simulator(): Simulator {
    return this.app.simulator;
  }

  async grant(user: TestUser, asset: 'CNY' | 'COUPON', amount: number): Promise<void> {
    const body = { userId: user.id, asset, amount, reason: 'test' };
    succeeded(await this.site.post('/api/v1/wallet/grant', body, this.root.token));
  }

  async wallet(user: TestUser): Promise<{ balance: number; coupon: number }> {
    return succeeded(await this.site.get('/api/v1/wallet', {}, user.token)) as { balance: number; coupon: number };
  }

  async payable(merchant: TestUser): Promise<number> {
    return succeeded(await this.site.get('/api/v1/shop/balance', {}, merchant.token))['payable'] as number;
  }

  pay(user: TestUser, orderIds: unknown, channel: unknown, key?: string): PromiseLike<Response> {
    const call = this.site.post('/api/v1/order/pay', { order_ids: orderIds, channel }, user.token);
    return key === undefined ? call : call.set('Idempotency-Key', key);
  }

  refund(user: TestUser, orderId: number, amount?: number, key?: string): PromiseLike<Response> {
    const body = { order_id: orderId, reason: '缺货', ...(amount === undefined ? {} : { amount }) };
    const call = this.site.post('/api/v1/order/refund', body, user.token);
    return key === undefined ? call : call.set('Idempotency-Key', key);
  }

  async payment(user: TestUser, paymentId: unknown): Promise<Record<string, unknown>> {
    return succeeded(await this.site.get('/api/v1/order/payment', { payment_id: paymentId }, user.token));
  }

  /** Starts a WeChat payment; returns what the mini program gets. */
  async prepay(user: TestUser, orderIds: number[]): Promise<Record<string, unknown> & { payment_id: number }> {
    return succeeded(await this.pay(user, orderIds, 'wechat')) as { payment_id: number };
  }

  /** The user confirms in WeChat, which checks the fields as the real client does. */
  confirm(fields: Record<string, unknown>, force = false): string {
    const result = this.simulator.control.pay({ fields, force });
    if (!result.ok) throw new Error(`WeChat's client refused: ${result.reason}`);
    return result.outTradeNo;
  }

  /** Prepay, confirmation and notification. */
  async payByWechat(user: TestUser, orderIds: number[]): Promise<{ paymentId: number; outTradeNo: string }> {
    const fields = await this.prepay(user, orderIds);
    const outTradeNo = this.confirm(fields);
    await this.settle();
    return { paymentId: fields.payment_id, outTradeNo };
  }

  /** Somebody refunds in WeChat's merchant console, and WeChat tells. */
  async refundAtWechat({ outTradeNo, outRefundNo, refund, total }: Unbranded<RefundParameters>): Promise<void> {
    const asked = { outTradeNo, outRefundNo, refund: fen(refund), total: fen(total) };
    const outcome = await this.app.app.get(WechatPayClient).refund(asked);
    expect(outcome.kind).toBe('ok');
    await this.settle();
  }

  /** Waits until WeChat has nothing more to deliver. */
  async settle(): Promise<void> {
    expect(await this.simulator.control.idle(20_000)).toBe(true);
  }

  /** Rounds of the reconciler, of this or of another instance. */
  async reconcile(rounds = 1, app = this.app): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await app.app.get(JobsService).runNow('payments.reconcile');
    }
  }

  async run(job: string): Promise<void> {
    await this.app.app.get(JobsService).runNow(job);
  }

  async alerts(): Promise<string[]> {
    return (await this.app.rows<{ kind: string }>('SELECT kind FROM payment_alerts ORDER BY id')).map(
      ({ kind }) => kind,
    );
  }

  /** Trial balance, drift, negative accounts, unbalanced transactions and broken seals: none. */
  async expectClean(): Promise<void> {
    const audit = succeeded(await this.site.get('/api/v1/ledger/audit', {}, this.root.token));
    expect(audit).toMatchObject({
      clean: true,
      assets: { CNY: { sum: 0 }, COUPON: { sum: 0 }, GOLD: { sum: 0 } },
      drift: [],
      negative: [],
      unbalanced: [],
      chain: { broken: [] },
    });
  }

  /** Our captured payments and succeeded refunds are exactly those of WeChat's own books. */
  async expectAgreement(): Promise<void> {
    const books = this.simulator.control.books();
    const paid = books.trades.filter(({ state }) => state === 'SUCCESS' || state === 'REFUND');
    const back = books.refunds.filter(({ status }) => status === 'SUCCESS');
    const payments = await this.app.rows<{ no: string; amount: number }>(
      "SELECT out_trade_no AS no, amount FROM payments WHERE channel = 'wechat' AND status = 'captured'",
    );
    const refunds = await this.app.rows<{ no: string; amount: number }>(
      "SELECT out_refund_no AS no, amount FROM refunds WHERE out_refund_no IS NOT NULL AND status = 'succeeded'",
    );
    const sorted = (rows: readonly { no: string; amount: number }[]): string[] =>
      rows.map(({ no, amount }) => `${no} ${amount}`).sort();
    expect(sorted(payments)).toEqual(sorted(paid.map(({ outTradeNo: no, total: amount }) => ({ no, amount }))));
    expect(sorted(refunds)).toEqual(sorted(back.map(({ outRefundNo: no, refund: amount }) => ({ no, amount }))));
    const [wechat] = await this.app.rows<{ sum: number | null }>(
      "SELECT SUM(e.amount) AS sum FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE a.address = 'platform:wechat'",
    );
    const total = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
    const truth = total(paid.map((trade) => trade.total)) - total(back.map((refund) => refund.refund));
    expect(0 - Number(wechat.sum ?? 0)).toBe(truth);
  }
}
