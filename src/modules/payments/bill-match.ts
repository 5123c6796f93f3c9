import type { BillRow } from '../../integrations/wechat/trade-bill.js';
import type { BillDifference } from './bill-store.js';

export interface OurPayment {
  readonly outTradeNo: string | null;
  readonly amount: number;
}

export interface OurRefund {
  readonly outRefundNo: string | null;
  readonly amount: number;
}

/** Beijing is UTC+8 all year. */
const BEIJING = 8 * 3_600_000;
const DAY = 86_400_000;

/** The day in Beijing, `YYYY-MM-DD`. */
export function beijingDate(milliseconds: number): string {
  return new Date(milliseconds + BEIJING).toISOString().slice(0, 10);
}

/** `[from, to)` of a day in Beijing, in milliseconds; null when there is no such day. */
export function beijingDay(date: string): { readonly from: number; readonly to: number } | null {
  const utc = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== date) return null;
  return { from: utc - BEIJING, to: utc - BEIJING + DAY };
}

/** Payments of the bill against payments that we booked for that day. */
export function matchPayments(rows: readonly BillRow[], ours: readonly OurPayment[]): BillDifference[] {
  const theirs = new Map(rows.filter((row) => row.outRefundNo === null).map((row) => [row.outTradeNo, row.total]));
  const booked = new Map(ours.map((payment) => [payment.outTradeNo ?? '', payment.amount]));
  return compare(theirs, booked, ['missing_here', 'missing_there', 'amount']);
}

export function matchRefunds(rows: readonly BillRow[], ours: readonly OurRefund[]): BillDifference[] {
  const refunds = rows.flatMap((row) => (row.outRefundNo === null ? [] : [[row.outRefundNo, row.refund] as const]));
  const booked = new Map(ours.map((refund) => [refund.outRefundNo ?? '', refund.amount]));
  return compare(new Map(refunds), booked, ['refund_missing_here', 'refund_missing_there', 'refund_amount']);
}

function compare(
  theirs: ReadonlyMap<string, number>,
  ours: ReadonlyMap<string, number>,
  [missingHere, missingThere, differs]: readonly [
    BillDifference['kind'],
    BillDifference['kind'],
    BillDifference['kind'],
  ],
): BillDifference[] {
  const differences: BillDifference[] = [];
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
