import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One order at WeChat, unique by our number. Amounts in fen. */
export interface Trade {
  readonly kind: 'JSAPI' | 'APP';
  readonly outTradeNo: string;
  readonly appid: string;
  readonly mchid: string;
  readonly description: string;
  readonly attach: string | null;
  readonly notifyUrl: string;
  readonly total: number;
  readonly currency: string;
  readonly timeExpire: number;
  /** The first call's parameters; a repeat must send the same. */
  readonly parameters: string;
  readonly createdAt: number;
  readonly prepays: { readonly id: string; readonly at: number }[];
  openid: string | null;
  state: 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED';
  transactionId: string | null;
  payerTotal: number | null;
  successTime: number | null;
  /** The user pressed "refuse"; the trade stays payable. */
  refusedAt: number | null;
}

export interface Refund {
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly refund: number;
  readonly total: number;
  readonly notifyUrl: string | null;
  readonly parameters: string;
  readonly createdAt: number;
  status: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL';
  successTime: number | null;
}

export interface BooksDump {
  readonly trades: readonly Trade[];
  readonly refunds: readonly Refund[];
}

const WRITE_DELAY_MS = 200;

/** What users really paid and got back: the truth that the mall's ledger is compared with. */
export class Books {
  readonly trades = new Map<string, Trade>();
  readonly refunds = new Map<string, Refund>();
  private timer: NodeJS.Timeout | null = null;
  private readonly path: string | null;

  constructor(folder: string | null) {
    this.path = folder ? join(folder, 'books.json') : null;
    if (!folder || !this.path) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const kept = readKept(this.path);
    for (const trade of kept.trades) this.trades.set(trade.outTradeNo, trade);
    for (const refund of kept.refunds) this.refunds.set(refund.outRefundNo, refund);
  }

  tradeByTransactionId(transactionId: string): Trade | undefined {
    return [...this.trades.values()].find((trade) => trade.transactionId === transactionId);
  }

  tradeByPrepayId(prepayId: string): Trade | undefined {
    return [...this.trades.values()].find((trade) => trade.prepays.some((prepay) => prepay.id === prepayId));
  }

  dump(): BooksDump {
    return structuredClone({ trades: [...this.trades.values()], refunds: [...this.refunds.values()] });
  }

  clear(): void {
    this.trades.clear();
    this.refunds.clear();
    this.changed();
  }

  /** Call after every change; the file is written a moment later, many changes at once. */
  changed(): void {
    if (!this.path || this.timer) return;
    this.timer = setTimeout(() => this.flush(), WRITE_DELAY_MS).unref();
  }

  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.path) return;
    writeFileSync(`${this.path}.new`, JSON.stringify(this.dump()), { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
  }
}

function readKept(path: string): BooksDump {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as BooksDump;
  } catch {
    return { trades: [], refunds: [] };
  }
}
