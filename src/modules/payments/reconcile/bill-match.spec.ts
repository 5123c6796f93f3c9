import { describe, expect, it } from '@jest/globals';
import { beijingDay, toBeijingDate } from '../../../common/beijing-time.js';
import { fen } from '../../../common/money.js';
import type { BillLine } from '../../../integrations/wechat/trade-bill.js';
import { matchPayments, matchRefunds } from './bill-match.js';

const row = (outTradeNo: string, total: number, outRefundNo: string | null = null, refund = 0): BillLine => ({
  mchId: '1900',
  transactionId: '4200',
  outTradeNo,
  currency: 'CNY',
  total: fen(total),
  refundId: null,
  outRefundNo,
  refund: fen(refund),
  refundStatus: null,
});

describe('a day of the bill', () => {
  it('is a day in Beijing', () => {
    expect(toBeijingDate(Date.parse('2026-11-20T16:00:00Z'))).toBe('2026-11-21');
    expect(beijingDay('2026-11-21')).toEqual({
      from: Date.parse('2026-11-20T16:00:00Z'),
      to: Date.parse('2026-11-21T16:00:00Z'),
    });
  });

  it.each(['2026-02-30', '2026-1-1', 'yesterday', ''])('is not %p', (text) => {
    expect(beijingDay(text)).toBeNull();
  });
});

describe('matching', () => {
  it('finds nothing where both sides agree', () => {
    const rows = [row('A', 100), row('A', 0, 'R1', 30)];
    expect(matchPayments(rows, [{ outTradeNo: 'A', amount: fen(100) }])).toEqual([]);
    expect(matchRefunds(rows, [{ outRefundNo: 'R1', amount: fen(30) }])).toEqual([]);
  });

  it('names what only one side has, and amounts that differ', () => {
    const ours = [
      { outTradeNo: 'B', amount: fen(5) },
      { outTradeNo: 'C', amount: fen(7) },
    ];
    expect(matchPayments([row('A', 100), row('B', 6)], ours)).toEqual([
      { outTradeNo: 'A', kind: 'missing_here', ours: null, theirs: 100 },
      { outTradeNo: 'B', kind: 'amount', ours: 5, theirs: 6 },
      { outTradeNo: 'C', kind: 'missing_there', ours: 7, theirs: null },
    ]);
    expect(matchRefunds([row('A', 0, 'R1', 30)], [{ outRefundNo: 'R2', amount: fen(1) }])).toEqual([
      { outTradeNo: 'R1', kind: 'refund_missing_here', ours: null, theirs: 30 },
      { outTradeNo: 'R2', kind: 'refund_missing_there', ours: 1, theirs: null },
    ]);
  });
});
