import { verify } from 'node:crypto';
import type { Books, Trade } from './books.js';
import type { SimulatorKeys } from '../keys.js';
import type { SimClock } from '../sim-clock.js';
import { newTransactionId, wasPaid } from './trades.js';

/** The fields that the mall's server handed to the front end: five for `wx.requestPayment`, seven for the APP SDK. */
type ClientFields = Readonly<Record<string, unknown>>;

export interface PayCommand {
  /** One of the three names the payment; `fields` carries its own prepay id. */
  readonly prepayId?: string;
  readonly outTradeNo?: string;
  /** What the front end got; checked as the WeChat client checks it. */
  readonly fields?: object;
  /** Who pays; for JSAPI it must be the payer of the prepay, which is also the default. */
  readonly openid?: string;
  /** Fen of WeChat's own coupon, which the user does not pay. */
  readonly coupon?: number;
  /** Pays even when the order is closed or expired: the race that WeChat allows. */
  readonly force?: boolean;
}

export type PayResult =
  | { readonly ok: true; readonly outTradeNo: string; readonly transactionId: string }
  | { readonly ok: false; readonly reason: string };

/** Who pays where nobody is named. */
export const DEMO_PAYER = 'oDemoAppPayer000000000000000';
const PREPAY_LIFE_MS = 2 * 3_600_000;

/** The user with the WeChat client in hand. */
export class Payer {
  private readonly seenNonces = new Set<string>();

  constructor(
    private readonly books: Books,
    private readonly clock: SimClock,
    private readonly keys: SimulatorKeys,
    private readonly onPaid: (trade: Trade) => void,
  ) {}

  pay(order: PayCommand): PayResult {
    const fields = order.fields as ClientFields | undefined;
    const prepayId = order.prepayId ?? prepayIdOf(fields);
    const trade = prepayId ? this.books.tradeByPrepayId(prepayId) : this.books.trades.get(order.outTradeNo ?? '');
    if (!trade) return refused('unknown_prepay_id');
    const reason = (fields && this.wrongFields(fields, trade)) ?? this.hindrance(order, trade, prepayId);
    if (reason) return refused(reason);
    const now = this.clock.now();
    trade.state = 'SUCCESS';
    trade.transactionId = newTransactionId(now);
    trade.openid = trade.openid ?? order.openid ?? DEMO_PAYER;
    trade.payerTotal = Math.max(0, trade.total - (order.coupon ?? 0));
    trade.successTime = now;
    trade.refusedAt = null;
    this.books.changed();
    this.onPaid(trade);
    return { ok: true, outTradeNo: trade.outTradeNo, transactionId: trade.transactionId };
  }

  refuse(outTradeNo: string): boolean {
    const trade = this.books.trades.get(outTradeNo);
    if (!trade || wasPaid(trade)) return false;
    trade.refusedAt = this.clock.now();
    this.books.changed();
    return true;
  }

  private hindrance(order: PayCommand, trade: Trade, prepayId: string | null): string | null {
    const now = this.clock.now();
    if (wasPaid(trade)) return 'already_paid';
    if (trade.openid && order.openid && order.openid !== trade.openid) return 'other_payer';
    if (order.force) return null;
    if (trade.state === 'CLOSED') return 'closed';
    if (now > trade.timeExpire) return 'expired';
    const prepay = prepayId ? trade.prepays.find((one) => one.id === prepayId) : trade.prepays.at(-1);
    return prepay && now - prepay.at > PREPAY_LIFE_MS ? 'prepay_id_expired' : null;
  }

  private wrongFields(fields: ClientFields, trade: Trade): string | null {
    const app = 'prepayid' in fields;
    const reason = app ? this.wrongAppFields(fields, trade) : this.wrongMiniProgramFields(fields, trade);
    if (reason) return reason;
    const nonce = String(fields[app ? 'noncestr' : 'nonceStr']);
    if (this.seenNonces.has(nonce)) return 'nonce_used';
    this.seenNonces.add(nonce);
    return null;
  }

  private wrongMiniProgramFields(fields: ClientFields, trade: Trade): string | null {
    const { timeStamp, nonceStr, package: pack, signType, paySign } = fields;
    if (trade.kind !== 'JSAPI') return 'wrong_kind';
    if (!isSeconds(timeStamp)) return 'timeStamp';
    if (!isNonce(nonceStr)) return 'nonceStr';
    if (typeof pack !== 'string' || !pack.startsWith('prepay_id=')) return 'package';
    if (signType !== 'RSA') return 'signType';
    return this.signed([trade.appid, timeStamp, nonceStr, pack], paySign) ? null : 'paySign';
  }

  private wrongAppFields(fields: ClientFields, trade: Trade): string | null {
    const { appid, partnerid, prepayid, package: pack, noncestr, timestamp, sign } = fields;
    if (trade.kind !== 'APP') return 'wrong_kind';
    if (appid !== trade.appid) return 'appid';
    if (partnerid !== trade.mchid) return 'partnerid';
    if (pack !== 'Sign=WXPay') return 'package';
    if (!isSeconds(timestamp)) return 'timestamp';
    if (!isNonce(noncestr)) return 'noncestr';
    return this.signed([appid, timestamp, noncestr, String(prepayid)], sign) ? null : 'sign';
  }

  private signed(lines: readonly string[], signature: unknown): boolean {
    if (typeof signature !== 'string') return false;
    const message = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return verify('sha256', message, this.keys.merchantPublicKey, Buffer.from(signature, 'base64'));
  }
}

function prepayIdOf(fields: ClientFields | undefined): string | null {
  if (!fields) return null;
  if (typeof fields['prepayid'] === 'string') return fields['prepayid'];
  return typeof fields['package'] === 'string' ? fields['package'].replace(/^prepay_id=/, '') : null;
}

function isSeconds(value: unknown): value is string {
  return typeof value === 'string' && /^\d{10}$/.test(value);
}

function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Za-z]{8,32}$/.test(value);
}

function refused(reason: string): PayResult {
  return { ok: false, reason };
}
