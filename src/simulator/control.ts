import type { BillEdit, Bills } from './books/bills.js';
import type { Books, BooksDump, Trade } from './books/books.js';
import type { CallFault, CallLog, CallRecord, Faults, RouteName } from './faults.js';
import type { Json } from './http.js';
import type { LoginSide, SimUser } from './login.js';
import type { Message, Mutation, NoticeKind } from './notice.js';
import type { Attempt, NoticeFault, NoticeRecord, Notifier } from './notifier.js';
import type { Payer, PayCommand, PayResult } from './books/payer.js';
import { refundNoticeJson, type RefundOutcome, type Refunds } from './books/refunds.js';
import type { SimClock } from './sim-clock.js';
import { newTransactionId, tradeJson } from './books/trades.js';

export interface ControlParts {
  readonly login: LoginSide;
  readonly books: Books;
  readonly clock: SimClock;
  readonly payer: Payer;
  readonly refunds: Refunds;
  readonly bills: Bills;
  readonly notifier: Notifier;
  readonly faults: Faults;
  readonly log: CallLog;
}

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
  constructor(private readonly parts: ControlParts) {}

  issueLoginCode(user: SimUser): string {
    return this.parts.login.issueCode(user);
  }

  issuePhoneCode(user: SimUser, phone: string): string {
    return this.parts.login.issueCode(user, phone);
  }

  /** The current access token answers 40001 from now on. */
  expireAccessToken(): void {
    this.parts.login.expireToken();
  }

  pay(order: PayCommand): PayResult {
    return this.parts.payer.pay(order);
  }

  refuse(outTradeNo: string): boolean {
    return this.parts.payer.refuse(outTradeNo);
  }

  /** Spoils the next calls of a route; `times` null means until {@link clearFaults}. */
  failNext(on: RouteName | 'any', fault: CallFault, times: number | null = 1): void {
    this.parts.faults.plan(on, fault, times);
  }

  /** Spoils the next notifications of a kind; `times` null means until {@link clearFaults}. */
  spoilNotices(on: NoticeKind | 'any', fault: NoticeFault, times: number | null = 1): void {
    this.parts.notifier.plan(on, fault, times);
  }

  clearFaults(): void {
    this.parts.faults.clear();
    this.parts.notifier.clearPlans();
  }

  /** Sends a notification now, once; the answer's status tells what the mall thought of it. */
  async sendNotice(order: NoticeSpec): Promise<Attempt> {
    return this.parts.notifier.sendOnce(this.noticeOf(order), order.mutation ?? null);
  }

  /** A signed notification to be changed and sent by the caller. */
  composeNotice(order: NoticeSpec): Message & { readonly url: string } {
    const record = this.noticeOf(order);
    return { ...this.parts.notifier.compose(record, order.mutation ?? null), url: record.url };
  }

  /** Sends the bytes of an earlier notification again. */
  async replayNotice(id: string): Promise<Attempt> {
    const record = this.parts.notifier.log.find((one) => one.id === id);
    if (!record) throw new Error('There is no such notification');
    return this.parts.notifier.replay(record);
  }

  /** Sends notifications to this origin (`http://127.0.0.1:1234`), keeping the path: for servers whose port is known late. Null ends that. */
  deliverTo(origin: string | null): void {
    this.parts.notifier.origin = origin;
  }

  releaseNotices(): void {
    this.parts.notifier.release();
  }

  notices(): readonly NoticeRecord[] {
    return this.parts.notifier.log;
  }

  /** What becomes of the next refunds, one outcome each; without a plan they follow the default. */
  planRefunds(...outcomes: readonly RefundOutcome[]): void {
    this.parts.refunds.plan(...outcomes);
  }

  setDefaultRefund(outcome: RefundOutcome): void {
    this.parts.refunds.defaultOutcome = outcome;
  }

  settleRefund(outRefundNo: string, outcome: Exclude<RefundOutcome, 'processing'>): boolean {
    return this.parts.refunds.settle(outRefundNo, outcome);
  }

  /** Fen the merchant has for refunds; null for no limit. */
  setFunds(fen: number | null): void {
    this.parts.refunds.funds = fen;
  }

  editBill(edit: BillEdit): void {
    this.parts.bills.edit = edit;
  }

  /** Takes the time from the mall under test, so that moving its clock makes no signature stale. */
  followClock(now: () => number): void {
    this.parts.clock.follow(now);
  }

  setClock(milliseconds: number): void {
    this.parts.clock.set(milliseconds);
  }

  advance(seconds: number): void {
    this.parts.clock.advance(seconds);
  }

  /** Dates signatures wrongly by this many seconds, and judges the merchant's by that clock. */
  skewSignatures(seconds: number): void {
    this.parts.clock.skewSeconds = seconds;
  }

  setSpeed(factor: number): void {
    this.parts.clock.speed = factor;
  }

  books(): BooksDump {
    return this.parts.books.dump();
  }

  trade(outTradeNo: string): Trade | undefined {
    return structuredClone(this.parts.books.trades.get(outTradeNo));
  }

  calls(route?: RouteName): readonly CallRecord[] {
    return this.parts.log.calls.filter((call) => !route || call.route === route);
  }

  clearCalls(): void {
    this.parts.log.calls.length = 0;
  }

  /** Resolves when every notification and refund on its way has arrived; false when that takes longer than `timeoutMs`. */
  async idle(timeoutMs = 10_000): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (this.parts.notifier.busy || this.parts.refunds.busy) {
      if (performance.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
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
    this.parts.refunds.funds = null;
    this.parts.refunds.defaultOutcome = 'success';
    this.parts.bills.edit = {};
    this.parts.books.clear();
  }

  private noticeOf(order: NoticeSpec): NoticeRecord {
    const { books, notifier, clock } = this.parts;
    const refund = order.outRefundNo === undefined ? undefined : books.refunds.get(order.outRefundNo);
    const trade = books.trades.get(order.outTradeNo ?? refund?.outTradeNo ?? '');
    if (!trade) throw new Error('There is no such order');
    if (refund) {
      const plain = { ...refundNoticeJson(refund, trade), ...order.plain };
      return notifier.record(
        'refund',
        `REFUND.${refund.status}`,
        plain,
        order.url ?? refund.notifyUrl ?? trade.notifyUrl,
      );
    }
    const now = clock.now();
    const unpaid: Trade = {
      ...trade,
      state: 'SUCCESS',
      successTime: now,
      transactionId: newTransactionId(now),
      payerTotal: trade.total,
      openid: trade.openid ?? 'oDemoAppPayer000000000000000',
    };
    const plain = { ...tradeJson(trade.transactionId ? { ...trade, state: 'SUCCESS' } : unpaid), ...order.plain };
    return notifier.record('transaction', 'TRANSACTION.SUCCESS', plain, order.url ?? trade.notifyUrl);
  }
}
