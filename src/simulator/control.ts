import { setTimeout as pause } from 'node:timers/promises';
import type { BillEdit } from './books/bills.js';
import type { Trade } from './books/books.js';
import { DEMO_PAYER, type PayCommand } from './books/payer.js';
import { refundNoticeJson, type FinalOutcome, type RefundOutcome } from './books/refunds.js';
import { newTransactionId, tradeJson } from './books/trades.js';
import type { CallFault } from './faults.js';
import type { Json } from './http.js';
import type { SimUser } from './login.js';
import type { Mutation, NoticeKind } from './notice.js';
import type { NoticeFault, NoticeRecord } from './notifier.js';
import type { CallRecord, Parts } from './parts.js';
import type { RouteName } from './routes.js';

/** Which notification to make by hand: of a refund when `outRefundNo` is given, otherwise of a payment. */
export interface NoticeSpec {
  readonly outTradeNo?: string;
  readonly outRefundNo?: string;
  readonly mutation?: Mutation;
  /** Members that replace those of the plaintext, for lies that no mutation covers. */
  readonly plain?: Json;
  /** Where to send it instead of the order's own notify URL. */
  readonly url?: string;
}

const POLL_MS = 5;

/** Everything a test or a person can make the simulated WeChat do. `control-routes.ts` offers the same over HTTP. */
export class Control {
  constructor(private readonly parts: Parts) {}

  readonly issueLoginCode = (user: SimUser) => this.parts.login.issueCode(user);
  readonly issuePhoneCode = (user: SimUser, phone: string) => this.parts.login.issueCode(user, phone);
  /** The current access token answers 40001 from now on. */
  readonly expireAccessToken = () => this.parts.login.expireToken();

  readonly pay = (order: PayCommand) => this.parts.payer.pay(order);
  readonly refuse = (outTradeNo: string) => this.parts.payer.refuse(outTradeNo);

  /** Spoils the next calls of a route; `times` null means until {@link clearFaults}. */
  readonly failNext = (on: RouteName | 'any', fault: CallFault, times: number | null = 1) =>
    this.parts.faults.plan(on, fault, times);
  /** Spoils the next notifications of a kind; `times` null means until {@link clearFaults}. */
  readonly spoilNotices = (on: NoticeKind | 'any', fault: NoticeFault, times: number | null = 1) =>
    this.parts.notifier.faults.plan(on, fault, times);

  clearFaults(): void {
    this.parts.faults.clear();
    this.parts.notifier.faults.clear();
  }

  /** Sends a notification now, once; the answer's status tells what the mall thought of it. */
  readonly sendNotice = async (spec: NoticeSpec) =>
    this.parts.notifier.sendOnce(this.noticeOf(spec), spec.mutation ?? null);

  /** A signed notification to be changed and sent by the caller. */
  readonly composeNotice = (spec: NoticeSpec) => {
    const record = this.noticeOf(spec);
    return { ...this.parts.notifier.compose(record, spec.mutation ?? null), url: record.url };
  };

  /** Sends the bytes of an earlier notification again. */
  readonly replayNotice = async (id: string) => {
    const record = this.notices().find((one) => one.id === id);
    if (!record) throw new Error('There is no such notification');
    return this.parts.notifier.replay(record);
  };

  /** Sends notifications to this origin (`http://127.0.0.1:1234`), keeping the path: for servers whose port is known late. Null ends that. */
  deliverTo(origin: string | null): void {
    this.parts.notifier.origin = origin;
  }

  readonly releaseNotices = () => this.parts.notifier.release();
  readonly notices = (): readonly NoticeRecord[] => this.parts.notifier.log;

  /** What becomes of the next refunds, one outcome each; without a plan they follow the default. */
  readonly planRefunds = (...outcomes: readonly RefundOutcome[]) => this.parts.refunds.plan(...outcomes);
  readonly settleRefund = (outRefundNo: string, outcome: FinalOutcome) =>
    this.parts.refunds.settle(outRefundNo, outcome);

  setDefaultRefund(outcome: RefundOutcome): void {
    this.parts.refunds.defaultOutcome = outcome;
  }

  /** Fen the merchant has for refunds; null for no limit. */
  setFunds(fen: number | null): void {
    this.parts.refunds.funds = fen;
  }

  editBill(edit: BillEdit): void {
    this.parts.bills.edit = edit;
  }

  /** Takes the time from the mall under test, so that moving its clock makes no signature stale. */
  readonly followClock = (now: () => number) => this.parts.clock.follow(now);
  readonly setClock = (milliseconds: number) => this.parts.clock.set(milliseconds);
  readonly advance = (seconds: number) => this.parts.clock.advance(seconds);

  /** Dates signatures wrongly by this many seconds, and judges the merchant's by that clock. */
  skewSignatures(seconds: number): void {
    this.parts.clock.skewSeconds = seconds;
  }

  setSpeed(factor: number): void {
    this.parts.clock.speed = factor;
  }

  readonly books = () => this.parts.books.dump();
  readonly trade = (outTradeNo: string) => structuredClone(this.parts.books.trades.get(outTradeNo));
  readonly calls = (route?: RouteName): readonly CallRecord[] =>
    this.parts.log.filter((call) => !route || call.route === route);

  clearCalls(): void {
    this.parts.log.length = 0;
  }

  /** Resolves when every notification and refund on its way has arrived; false when that takes longer than `timeoutMs`. */
  async idle(timeoutMs = 10_000): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (this.parts.notifier.busy || this.parts.refunds.busy) {
      if (performance.now() > until) return false;
      await pause(POLL_MS);
    }
    return true;
  }

  /** Forgets orders, faults, plans and logs; keys and issued codes stay. */
  reset(): void {
    this.clearFaults();
    this.clearCalls();
    this.parts.notifier.forget();
    this.parts.notifier.log.length = 0;
    this.parts.refunds.stop();
    this.setFunds(null);
    this.setDefaultRefund('success');
    this.editBill({});
    this.parts.books.clear();
  }

  private noticeOf(spec: NoticeSpec): NoticeRecord {
    const { books, notifier, clock } = this.parts;
    const refund = spec.outRefundNo === undefined ? undefined : books.refunds.get(spec.outRefundNo);
    const trade = books.trades.get(spec.outTradeNo ?? refund?.outTradeNo ?? '');
    if (!trade) throw new Error('There is no such order');
    if (refund) {
      const plain = { ...refundNoticeJson(refund, trade), ...spec.plain };
      const url = spec.url ?? refund.notifyUrl ?? trade.notifyUrl;
      return notifier.record('refund', `REFUND.${refund.status}`, plain, url);
    }
    const now = clock.now();
    const paid: Partial<Trade> = trade.transactionId
      ? {}
      : {
          successTime: now,
          transactionId: newTransactionId(now),
          payerTotal: trade.total,
          openid: trade.openid ?? DEMO_PAYER,
        };
    const plain = { ...tradeJson({ ...trade, ...paid, state: 'SUCCESS' }), ...spec.plain };
    return notifier.record('transaction', 'TRANSACTION.SUCCESS', plain, spec.url ?? trade.notifyUrl);
  }
}
