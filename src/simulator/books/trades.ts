import { randomBytes } from 'node:crypto';
import { toBeijingIso } from '../../common/beijing-time.js';
import type { Books, Trade } from './books.js';
import type { Json } from '../http.js';
import { digits } from '../keys.js';
import { PayRefusal } from '../pay-reply.js';
import type { SimClock } from '../sim-clock.js';

const OUT_TRADE_NO = /^[0-9A-Za-z_-]{6,32}$/;
const MINUTE_MS = 60_000;
const DEFAULT_LIFE_MS = 7 * 86_400_000;
const LONGEST_LIFE_MS = 90 * 86_400_000;

/** Orders at WeChat: prepay with its re-entrancy rules, query, close. */
export class Trades {
  constructor(
    private readonly books: Books,
    private readonly clock: SimClock,
    private readonly mchId: string,
    private readonly appIds: readonly string[] | null,
  ) {}

  prepay(kind: Trade['kind'], body: Json): Json {
    const wanted = this.parse(kind, body);
    const known = this.books.trades.get(wanted.outTradeNo);
    if (known) refuseRepeat(known, wanted);
    const trade = known ?? wanted;
    const prepayId = `wx${toBeijingIso(this.clock.now()).replaceAll(/\D/g, '').slice(0, 14)}${randomBytes(10).toString('hex')}`;
    trade.prepays.push({ id: prepayId, at: this.clock.now() });
    this.books.trades.set(trade.outTradeNo, trade);
    this.books.changed();
    return { prepay_id: prepayId };
  }

  query(trade: Trade | undefined, mchId: string | null): Json {
    this.refuseMerchant(mchId);
    return tradeJson(found(trade));
  }

  close(outTradeNo: string, body: Json): null {
    this.refuseMerchant(body['mchid']);
    const trade = found(this.books.trades.get(outTradeNo));
    if (wasPaid(trade)) throw new PayRefusal(403, 'ORDERPAID', '该订单已支付');
    trade.state = 'CLOSED';
    this.books.changed();
    return null;
  }

  private parse(kind: Trade['kind'], body: Json): Trade {
    const amount = (body['amount'] ?? {}) as Json;
    const payer = (body['payer'] ?? {}) as Json;
    const now = this.clock.now();
    const appid = text(body, 'appid', 32);
    this.refuseMerchant(text(body, 'mchid', 32));
    if (this.appIds && !this.appIds.includes(appid)) {
      throw new PayRefusal(400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配，请检查后再试');
    }
    const outTradeNo = text(body, 'out_trade_no', 32);
    if (!OUT_TRADE_NO.test(outTradeNo)) throw parameter('out_trade_no');
    if (!Number.isSafeInteger(amount['total']) || Number(amount['total']) < 1) throw parameter('amount.total');
    if (amount['currency'] !== undefined && amount['currency'] !== 'CNY') throw parameter('amount.currency');
    return {
      kind,
      outTradeNo,
      appid,
      mchid: this.mchId,
      description: text(body, 'description', 127),
      attach: body['attach'] === undefined ? null : text(body, 'attach', 128),
      notifyUrl: notifyUrl(body),
      total: Number(amount['total']),
      currency: 'CNY',
      timeExpire: expiry(body, now),
      parameters: canonical(body),
      createdAt: now,
      prepays: [],
      openid: kind === 'JSAPI' ? text(payer, 'openid', 128) : null,
      state: 'NOTPAY',
      transactionId: null,
      payerTotal: null,
      successTime: null,
      refusedAt: null,
    };
  }

  private refuseMerchant(mchId: unknown): void {
    if (typeof mchId !== 'string' || mchId === '') throw parameter('mchid');
    if (mchId !== this.mchId) throw new PayRefusal(400, 'MCH_NOT_EXISTS', '商户号不存在');
  }
}

function refuseRepeat(known: Trade, wanted: Trade): void {
  if (known.kind !== wanted.kind) throw new PayRefusal(403, 'OUT_TRADE_NO_USED', '商户订单号重复');
  if (wasPaid(known)) throw new PayRefusal(403, 'ORDERPAID', '该订单已支付');
  if (known.state === 'CLOSED') throw new PayRefusal(400, 'ORDER_CLOSED', '该订单已关闭，请换商户订单号');
  if (known.parameters !== wanted.parameters) {
    throw new PayRefusal(400, 'INVALID_REQUEST', '请求重入时，参数与首次请求时不一致。请检查请求参数');
  }
}

export function wasPaid(trade: Trade): boolean {
  return trade.state === 'SUCCESS' || trade.state === 'REFUND';
}

export function newTransactionId(now: number): string {
  return `4200${digits(6)}${toBeijingIso(now).replaceAll(/\D/g, '').slice(0, 8)}${digits(10)}`;
}

function found(trade: Trade | undefined): Trade {
  if (!trade) throw new PayRefusal(404, 'ORDER_NOT_EXIST', '订单不存在');
  return trade;
}

const STATE_TEXT: Readonly<Record<Trade['state'], string>> = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款，退款详情请查询退款单',
  CLOSED: '订单已关闭',
};

/** The query's answer, which is also the plaintext of a payment notification. */
export function tradeJson(trade: Trade): Json {
  const common = {
    appid: trade.appid,
    mchid: trade.mchid,
    out_trade_no: trade.outTradeNo,
    trade_state: trade.state,
    trade_state_desc: STATE_TEXT[trade.state],
    ...(trade.attach === null ? {} : { attach: trade.attach }),
  };
  if (!wasPaid(trade)) {
    return {
      ...common,
      amount: { total: trade.total, currency: trade.currency },
      ...(trade.openid ? { payer: { openid: trade.openid } } : {}),
    };
  }
  return {
    ...common,
    transaction_id: trade.transactionId,
    trade_type: trade.kind,
    bank_type: 'OTHERS',
    success_time: toBeijingIso(trade.successTime ?? 0),
    payer: { openid: trade.openid },
    amount: {
      total: trade.total,
      payer_total: trade.payerTotal,
      currency: trade.currency,
      payer_currency: trade.currency,
    },
  };
}

export function parameter(field: string): PayRefusal {
  return new PayRefusal(400, 'PARAM_ERROR', `参数错误: ${field}`, { field, issue: 'invalid value', location: 'body' });
}

export function text(body: Json, field: string, longest: number): string {
  const value = body[field];
  if (typeof value !== 'string' || value === '' || value.length > longest) throw parameter(field);
  return value;
}

export function notifyUrl(body: Json): string {
  const url = text(body, 'notify_url', 255);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || url.includes('?'))
    throw parameter('notify_url');
  return url;
}

function expiry(body: Json, now: number): number {
  if (body['time_expire'] === undefined) return now + DEFAULT_LIFE_MS;
  const value = text(body, 'time_expire', 64);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+\d\d:\d\d|Z)$/.test(value)) throw parameter('time_expire');
  return Math.min(Math.max(Date.parse(value), now + MINUTE_MS), now + LONGEST_LIFE_MS);
}

/** JSON with sorted names: the order in which a client writes its fields is no difference. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
