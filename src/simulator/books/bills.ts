import { createHash, randomBytes } from 'node:crypto';
import { toBeijingIso, toBeijingTime } from '../../common/beijing-time.js';
import type { Books, Refund, Trade } from './books.js';
import type { Json, SimReply } from '../http.js';
import { PayRefusal } from '../pay-reply.js';
import type { SimClock } from '../sim-clock.js';
import { wasPaid } from './trades.js';

/** What a test changes in the bill, so that it differs from what really happened. Amounts in fen. */
export interface BillEdit {
  /** Numbers of payments that the bill leaves out. */
  readonly missing?: readonly string[];
  /** Payments with another order amount, by number. */
  readonly differing?: Readonly<Record<string, number>>;
  /** Payments that never reached the mall. */
  readonly extra?: readonly { readonly outTradeNo: string; readonly transactionId: string; readonly total: number }[];
}

const COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const SUMMARY = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const LINK_LIFE_MS = 5 * 60_000;
const REFUND_STATE = { SUCCESS: 'SUCCESS', PROCESSING: 'PROCESSING', ABNORMAL: 'CHANGE', CLOSED: 'FAIL' } as const;

interface Row {
  readonly cells: readonly string[];
  readonly total: number;
  readonly refund: number;
}

/** The trade bill of a day in Beijing time, in WeChat's file format. */
export class Bills {
  edit: BillEdit = {};
  private readonly files = new Map<string, { readonly body: Buffer; readonly until: number }>();

  constructor(
    private readonly books: Books,
    private readonly clock: SimClock,
    private readonly baseUrl: () => string,
    private readonly mchId: string,
  ) {}

  request(query: URLSearchParams): Json {
    const date = query.get('bill_date') ?? '';
    if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new PayRefusal(400, 'PARAM_ERROR', 'bill_date格式错误');
    if ((query.get('bill_type') ?? 'ALL') !== 'ALL') throw new PayRefusal(400, 'PARAM_ERROR', 'bill_type错误');
    const rows = this.rows(date);
    if (rows.length === 0) throw new PayRefusal(400, 'NO_STATEMENT_EXIST', '账单文件不存在');
    const file = Buffer.from(csv(rows), 'utf8');
    const token = randomBytes(16).toString('hex');
    this.files.set(token, { body: file, until: this.clock.now() + LINK_LIFE_MS });
    return {
      hash_type: 'SHA1',
      hash_value: createHash('sha1').update(file).digest('hex'),
      download_url: `${this.baseUrl()}/v3/billdownload/file?token=${token}`,
    };
  }

  download(query: URLSearchParams): SimReply {
    const file = this.files.get(query.get('token') ?? '');
    if (!file || file.until < this.clock.now()) throw new PayRefusal(400, 'INVALID_REQUEST', '下载链接已失效');
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: file.body };
  }

  private rows(date: string): Row[] {
    const onDay = (time: number | null): boolean => time !== null && toBeijingIso(time).startsWith(date);
    const trades = [...this.books.trades.values()];
    const paid = trades
      .filter((trade) => wasPaid(trade) && onDay(trade.successTime) && !this.edit.missing?.includes(trade.outTradeNo))
      .map((trade) => row(trade, trade.successTime ?? 0, this.edit.differing?.[trade.outTradeNo] ?? trade.total));
    const refunded = [...this.books.refunds.values()]
      .filter((refund) => onDay(refund.createdAt) && !this.edit.missing?.includes(refund.outRefundNo))
      .flatMap((refund) => {
        const trade = this.books.trades.get(refund.outTradeNo);
        return trade ? [row(trade, refund.createdAt, trade.total, refund)] : [];
      });
    const extra = (this.edit.extra ?? []).map((one) => this.extraLine(one, date));
    return [...paid, ...refunded, ...extra];
  }

  private extraLine(extra: NonNullable<BillEdit['extra']>[number], date: string): Row {
    const trade: Billed = {
      ...extra,
      appid: 'wx0000000000000001',
      mchid: this.mchId,
      openid: 'oUnknown0000000000000000000',
      kind: 'JSAPI',
      description: '未知订单',
      attach: null,
    };
    return row(trade, Date.parse(`${date}T12:00:00+08:00`), extra.total);
  }
}

type Billed = Pick<
  Trade,
  'outTradeNo' | 'transactionId' | 'appid' | 'mchid' | 'openid' | 'kind' | 'description' | 'attach'
>;

function row(trade: Billed, at: number, total: number, refund?: Refund): Row {
  const refundCells = refund
    ? [refund.refundId, refund.outRefundNo, yuan(refund.refund), '0.00', 'ORIGINAL', REFUND_STATE[refund.status]]
    : ['0', '0', '0.00', '0.00', '', ''];
  return {
    total: refund ? 0 : total,
    refund: refund?.refund ?? 0,
    cells: [
      toBeijingTime(at),
      trade.appid,
      trade.mchid,
      '0',
      '',
      trade.transactionId ?? '',
      trade.outTradeNo,
      trade.openid ?? '',
      trade.kind,
      refund ? 'REFUND' : 'SUCCESS',
      'OTHERS',
      'CNY',
      yuan(refund ? 0 : total),
      '0.00',
      ...refundCells,
      trade.description,
      trade.attach ?? '',
      '0.00000',
      '0.60%',
      yuan(refund ? 0 : total),
      yuan(refund?.refund ?? 0),
      '',
    ],
  };
}

function csv(rows: readonly Row[]): string {
  const total = rows.reduce((sum, one) => sum + one.total, 0);
  const refund = rows.reduce((sum, one) => sum + one.refund, 0);
  const summary = [String(rows.length), yuan(total), yuan(refund), '0.00', '0.00000', yuan(total), yuan(refund)];
  const lines = [COLUMNS, ...rows.map((one) => line(one.cells)), SUMMARY, line(summary)];
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

const line = (cells: readonly string[]): string => cells.map((cell) => `\`${cell}`).join(',');

function yuan(fen: number): string {
  const text = String(fen).padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}
