import type { Fen } from '../../../common/money.js';
import type { BillLine } from '../../../integrations/wechat/trade-bill.js';
import type { Payment } from '../records/payment.entity.js';
import type { Refund } from '../records/refund.entity.js';
import type { Difference } from './bill-store.js';

type OurPayment = Pick<Payment, 'outTradeNo' | 'amount'>;
type OurRefund = Pick<Refund, 'outRefundNo' | 'amount'>;

/** Payments of the bill against payments that we booked for that day. */
export function matchPayments(rows: readonly BillLine[], ours: readonly OurPayment[]): Difference[] {
  const theirs = new Map(rows.filter((row) => row.outRefundNo === null).map((row) => [row.outTradeNo, row.total]));
  const booked = new Map(ours.map((payment) => [payment.outTradeNo ?? '', payment.amount]));
  return compare(theirs, booked, ['missing_here', 'missing_there', 'amount']);
}

/** The same for refunds, by their own numbers. */
export function matchRefunds(rows: readonly BillLine[], ours: readonly OurRefund[]): Difference[] {
  const refunds = rows.flatMap((row) => (row.outRefundNo === null ? [] : [[row.outRefundNo, row.refund] as const]));
  const booked = new Map(ours.map((refund) => [refund.outRefundNo ?? '', refund.amount]));
  return compare(new Map(refunds), booked, ['refund_missing_here', 'refund_missing_there', 'refund_amount']);
}

function compare(
  theirs: ReadonlyMap<string, Fen>,
  ours: ReadonlyMap<string, Fen>,
  [missingHere, missingThere, differs]: readonly [Difference['kind'], Difference['kind'], Difference['kind']],
): Difference[] {
  const differences: Difference[] = [];
  for (const [outTradeNo, amount] of theirs) {
    const own = ours.get(outTradeNo);
    if (own === undefined) differences.push({ outTradeNo, kind: missingHere, ours: null, theirs: amount });
    else if (own !== amount) differences.push({ outTradeNo, kind: differs, ours: own, theirs: amount });
  }
  for (const [outTradeNo, amount] of ours) {
    if (!theirs.has(outTradeNo)) differences.push({ outTradeNo, kind: missingThere, ours: amount, theirs: null });
  }
  return differences;
}
