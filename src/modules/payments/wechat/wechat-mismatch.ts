import type { Fen } from '../../../common/money.js';
import type { WechatRefund, WechatTransaction } from '../../../integrations/wechat/pay.types.js';
import type { Payment } from '../records/payment.entity.js';

/** What we expect of a genuine message about an attempt. */
export type Expected = Pick<Payment, 'amount' | 'appId' | 'openid' | 'outTradeNo' | 'transactionId'>;

/** The first thing in which a paid transaction of WeChat's differs from our attempt; null when all of it fits. */
export function transactionMismatch(expected: Expected, found: WechatTransaction, mchId: string | null): string | null {
  if (found.tradeState !== 'SUCCESS' && found.tradeState !== 'REFUND') return 'trade_state';
  if (found.mchId !== mchId) return 'mchid';
  if (found.appId !== expected.appId) return 'appid';
  if (found.outTradeNo !== expected.outTradeNo) return 'out_trade_no';
  if (found.total !== expected.amount) return 'amount';
  if (found.currency !== 'CNY') return 'currency';
  if (expected.openid !== null && found.payerOpenid !== expected.openid) return 'openid';
  if (!found.transactionId || found.transactionId.length > 64) return 'transaction_id';
  if (expected.transactionId !== null && found.transactionId !== expected.transactionId) return 'transaction_id';
  return null;
}

/** The same for a refund; only notifications name the merchant. */
export function refundMismatch(
  expected: Expected & { readonly refund: Fen },
  found: Pick<WechatRefund, 'mchId' | 'outTradeNo' | 'transactionId' | 'refund' | 'total'>,
  mchId: string | null,
): string | null {
  if (found.mchId !== null && found.mchId !== mchId) return 'mchid';
  if (found.outTradeNo !== expected.outTradeNo) return 'out_trade_no';
  if (found.transactionId !== expected.transactionId) return 'transaction_id';
  if (found.total !== expected.amount) return 'amount';
  return found.refund === expected.refund ? null : 'refund';
}
