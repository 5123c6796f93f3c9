import { asObject, fenOf, textOf, type JsonObject } from './json.js';
import { REFUND_STATUSES, TRADE_STATES, type WechatRefund, type WechatTransaction } from './pay.types.js';

/** Null when a member that every order has is missing or of another type. */
export function parseTransaction(json: JsonObject): WechatTransaction | null {
  const [appId, mchId, outTradeNo] = [textOf(json['appid']), textOf(json['mchid']), textOf(json['out_trade_no'])];
  const tradeState = TRADE_STATES.find((state) => state === json['trade_state']);
  if (!appId || !mchId || !outTradeNo || !tradeState) return null;
  const amount = asObject(json['amount']);
  return {
    appId,
    mchId,
    outTradeNo,
    tradeState,
    transactionId: textOf(json['transaction_id']),
    tradeType: textOf(json['trade_type']),
    successTime: timeOf(json['success_time']),
    payerOpenid: textOf(asObject(json['payer'])?.['openid']),
    total: fenOf(amount?.['total']),
    currency: textOf(amount?.['currency']),
  };
}

/** The call and the query say `status`, the notification says `refund_status`. */
export function parseRefund(json: JsonObject): WechatRefund | null {
  const [refundId, outRefundNo] = [textOf(json['refund_id']), textOf(json['out_refund_no'])];
  const [transactionId, outTradeNo] = [textOf(json['transaction_id']), textOf(json['out_trade_no'])];
  const said = json['status'] ?? json['refund_status'];
  const status = REFUND_STATUSES.find((one) => one === said);
  const amount = asObject(json['amount']);
  const [refund, total] = [fenOf(amount?.['refund']), fenOf(amount?.['total'])];
  if (!refundId || !outRefundNo || !transactionId || !outTradeNo || !status || refund === null || total === null) {
    return null;
  }
  return {
    mchId: textOf(json['mchid']),
    refundId,
    outRefundNo,
    transactionId,
    outTradeNo,
    status,
    successTime: timeOf(json['success_time']),
    refund,
    total,
  };
}

function timeOf(value: unknown): Date | null {
  const time = new Date(textOf(value) ?? '');
  return Number.isNaN(time.getTime()) ? null : time;
}
