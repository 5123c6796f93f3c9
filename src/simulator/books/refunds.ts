import { toBeijingIso } from '../../common/beijing-time.js';
import type { Books, Refund, Trade } from './books.js';
import type { Json } from '../http.js';
import { digits } from '../keys.js';
import { PayRefusal } from '../pay-reply.js';
import type { SimClock } from '../sim-clock.js';
import { canonical, notifyUrl, parameter, text, wasPaid } from './trades.js';

/** `processing` stays until the control API settles it. */
export type RefundOutcome = FinalOutcome | 'processing';
export type FinalOutcome = 'success' | 'abnormal' | 'closed';

const OUT_REFUND_NO = /^[0-9A-Za-z_\-|*@]{1,64}$/;
const MOST_PARTIALS = 50;
const YEAR_MS = 365 * 86_400_000;
const MINUTE_SECONDS = 60;
const SETTLING_SECONDS = 1.5;
const FINAL = { success: 'SUCCESS', abnormal: 'ABNORMAL', closed: 'CLOSED' } as const;

/** Refunds: accepted at once, final a moment later; the limits of the refund document. */
export class Refunds {
  /** Fen the merchant can refund from; null is no limit. */
  funds: number | null = null;
  defaultOutcome: RefundOutcome = 'success';
  private planned: RefundOutcome[] = [];
  private readonly settling = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly books: Books,
    private readonly clock: SimClock,
    private readonly onFinal: (refund: Refund, trade: Trade) => void,
  ) {}

  /** What becomes of the next refunds, one outcome each. */
  plan(...outcomes: readonly RefundOutcome[]): void {
    this.planned.push(...outcomes);
  }

  create(body: Json): Json {
    const outRefundNo = text(body, 'out_refund_no', 64);
    if (!OUT_REFUND_NO.test(outRefundNo)) throw parameter('out_refund_no');
    const parameters = canonical(body);
    const known = this.books.refunds.get(outRefundNo);
    if (known) {
      if (known.parameters === parameters) return this.json(known);
      throw new PayRefusal(400, 'INVALID_REQUEST', '商户退款单号重复，且参数与首次请求时不一致');
    }
    const trade = this.tradeOf(body);
    const refund = this.accept(trade, outRefundNo, body, parameters);
    this.books.refunds.set(outRefundNo, refund);
    trade.state = 'REFUND';
    if (this.funds !== null) this.funds -= refund.refund;
    this.books.changed();
    const outcome = this.planned.shift() ?? this.defaultOutcome;
    if (outcome !== 'processing') this.settleLater(refund, outcome);
    return this.json(refund);
  }

  query(outRefundNo: string): Json {
    const refund = this.books.refunds.get(outRefundNo);
    if (!refund) throw new PayRefusal(404, 'RESOURCE_NOT_EXISTS', '退款单不存在');
    return this.json(refund);
  }

  /** Ends a refund now and notifies of it; false when there is none or it has ended. */
  settle(outRefundNo: string, outcome: FinalOutcome): boolean {
    clearTimeout(this.settling.get(outRefundNo));
    this.settling.delete(outRefundNo);
    const refund = this.books.refunds.get(outRefundNo);
    const trade = refund && this.books.trades.get(refund.outTradeNo);
    if (!refund || !trade || refund.status === 'SUCCESS' || refund.status === 'CLOSED') return false;
    refund.status = FINAL[outcome];
    if (outcome === 'success') refund.successTime = this.clock.now();
    this.books.changed();
    this.onFinal(refund, trade);
    return true;
  }

  /** After a restart: refunds that were on their way arrive. */
  resume(): void {
    for (const refund of this.books.refunds.values()) {
      if (refund.status === 'PROCESSING') this.settleLater(refund, 'success');
    }
  }

  get busy(): boolean {
    return this.settling.size > 0;
  }

  stop(): void {
    for (const timer of this.settling.values()) clearTimeout(timer);
    this.settling.clear();
    this.planned = [];
  }

  private settleLater(refund: Refund, outcome: FinalOutcome): void {
    const wait = this.clock.scaled(SETTLING_SECONDS);
    this.settling.set(
      refund.outRefundNo,
      setTimeout(() => this.settle(refund.outRefundNo, outcome), wait),
    );
  }

  private tradeOf(body: Json): Trade {
    const byId = body['transaction_id'] !== undefined;
    const trade = byId
      ? this.books.tradeByTransactionId(text(body, 'transaction_id', 32))
      : this.books.trades.get(text(body, 'out_trade_no', 32));
    if (!trade) throw new PayRefusal(404, 'RESOURCE_NOT_EXISTS', '订单不存在');
    if (!wasPaid(trade)) throw new PayRefusal(400, 'INVALID_REQUEST', '订单未支付');
    return trade;
  }

  private accept(trade: Trade, outRefundNo: string, body: Json, parameters: string): Refund {
    const amount = (body['amount'] ?? {}) as Json;
    const refund = Number(amount['refund']);
    const now = this.clock.now();
    if (!Number.isSafeInteger(amount['refund']) || refund < 1) throw parameter('amount.refund');
    if (amount['currency'] !== 'CNY') throw parameter('amount.currency');
    if (amount['total'] !== trade.total)
      throw new PayRefusal(400, 'INVALID_REQUEST', '订单金额或退款金额与之前请求不一致');
    if (body['reason'] !== undefined && Buffer.byteLength(text(body, 'reason', 80)) > 80) throw parameter('reason');
    this.refuseLimits(trade, refund, now);
    return {
      refundId: `503${digits(25)}`,
      outRefundNo,
      outTradeNo: trade.outTradeNo,
      transactionId: trade.transactionId ?? '',
      refund,
      total: trade.total,
      notifyUrl: body['notify_url'] === undefined ? null : notifyUrl(body),
      parameters,
      createdAt: now,
      status: 'PROCESSING',
      successTime: null,
    };
  }

  private refuseLimits(trade: Trade, refund: number, now: number): void {
    const earlier = [...this.books.refunds.values()].filter(
      (one) => one.outTradeNo === trade.outTradeNo && one.status !== 'CLOSED',
    );
    const refunded = earlier.reduce((sum, one) => sum + one.refund, 0);
    if (refunded + refund > trade.total) throw new PayRefusal(400, 'INVALID_REQUEST', '退款金额大于可退金额');
    if (earlier.length >= MOST_PARTIALS) throw new PayRefusal(403, 'RULE_LIMIT', '部分退款次数超过限制');
    if (now - (trade.successTime ?? now) > YEAR_MS)
      throw new PayRefusal(400, 'INVALID_REQUEST', '订单已超过可退款的最大期限');
    const newest = Math.max(...earlier.map((one) => one.createdAt));
    if (now - newest < this.clock.scaled(MINUTE_SECONDS)) {
      throw new PayRefusal(429, 'FREQUENCY_LIMITED', '同一订单的部分退款需间隔一分钟');
    }
    if (this.funds !== null && refund > this.funds)
      throw new PayRefusal(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起');
  }

  private json(refund: Refund): Json {
    return {
      ...commonJson(refund),
      channel: 'ORIGINAL',
      create_time: toBeijingIso(refund.createdAt),
      status: refund.status,
      funds_account: 'UNSETTLED',
      amount: {
        total: refund.total,
        refund: refund.refund,
        from: [],
        payer_total: refund.total,
        payer_refund: refund.refund,
        settlement_refund: refund.refund,
        settlement_total: refund.total,
        discount_refund: 0,
        currency: 'CNY',
      },
      promotion_detail: [],
    };
  }
}

/** The plaintext of a refund notification. */
export function refundNoticeJson(refund: Refund, trade: Trade): Json {
  return {
    ...commonJson(refund),
    mchid: trade.mchid,
    refund_status: refund.status,
    amount: { total: refund.total, refund: refund.refund, payer_total: refund.total, payer_refund: refund.refund },
  };
}

function commonJson(refund: Refund): Json {
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    user_received_account: '支付用户零钱',
    ...(refund.successTime === null ? {} : { success_time: toBeijingIso(refund.successTime) }),
  };
}
