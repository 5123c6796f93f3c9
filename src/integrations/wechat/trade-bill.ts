import { fenOfYuan, type Fen } from '../../common/money.js';

/** One line of WeChat's daily trade bill: a payment, or a refund when `outRefundNo` is set. */
export interface BillLine {
  readonly mchId: string;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly currency: string;
  /** The order's amount; 0 on refund lines. */
  readonly total: Fen;
  readonly refundId: string | null;
  readonly outRefundNo: string | null;
  /** 0 on payment lines. */
  readonly refund: Fen;
  readonly refundStatus: string | null;
}

export interface TradeBill {
  readonly rows: readonly BillLine[];
  /** The summary line's own count and sums, already compared with the rows. */
  readonly summary: { readonly count: number; readonly total: Fen; readonly refund: Fen };
}

type Cells = ReadonlyMap<string, string>;

/** Null when the file is not what the document describes, or its summary does not fit its rows. */
export function parseTradeBill(file: string): TradeBill | null {
  const lines = file
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const titles = lines[0]?.split(',') ?? [];
  const summaryTitles = lines.at(-2)?.split(',') ?? [];
  if (lines.length < 3 || titles[0] !== '交易时间' || summaryTitles[0] !== '总交易单数') return null;
  const rows = lines.slice(1, -2).map((line) => rowOf(cellsOf(titles, line)));
  const summary = summaryOf(cellsOf(summaryTitles, lines.at(-1) ?? ''));
  if (!summary || rows.length !== summary.count) return null;
  const sound = rows.filter((row) => row !== null);
  const sums = {
    total: sound.reduce((sum, row) => sum + row.total, 0),
    refund: sound.reduce((sum, row) => sum + row.refund, 0),
  };
  if (sound.length !== rows.length || sums.total !== summary.total || sums.refund !== summary.refund) return null;
  return { rows: sound, summary };
}

/** Every data cell starts with a backtick, so a comma inside a cell separates nothing. */
function cellsOf(titles: readonly string[], line: string): Cells {
  const values = line.startsWith('`') ? line.slice(1).split(',`') : [];
  return new Map(titles.map((title, index) => [title, values[index]?.trim() ?? '']));
}

function rowOf(cells: Cells): BillLine | null {
  const text = (title: string): string => cells.get(title) ?? '';
  const total = fenOfYuan(text('订单金额'));
  const refund = fenOfYuan(text('申请退款金额'));
  if (total === null || refund === null || text('商户订单号') === '') return null;
  const isRefund = text('交易状态') === 'REFUND';
  return {
    mchId: text('商户号'),
    transactionId: text('微信订单号'),
    outTradeNo: text('商户订单号'),
    currency: text('货币种类'),
    total,
    refundId: isRefund ? text('微信退款单号') : null,
    outRefundNo: isRefund ? text('商户退款单号') : null,
    refund,
    refundStatus: isRefund ? text('退款状态') : null,
  };
}

function summaryOf(cells: Cells): TradeBill['summary'] | null {
  const count = Number(cells.get('总交易单数') ?? '');
  const total = fenOfYuan(cells.get('订单总金额') ?? '');
  const refund = fenOfYuan(cells.get('申请退款总金额') ?? '');
  return Number.isSafeInteger(count) && total !== null && refund !== null ? { count, total, refund } : null;
}
