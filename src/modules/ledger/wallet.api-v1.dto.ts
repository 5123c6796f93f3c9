import { MAX_FEN, type Fen } from '../../common/money.js';
import { From, Id, Length, OneOf, Str, Yuan } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import { ViewId, ViewInt, ViewSeconds, ViewYuan } from '../../protocols/view-fields.js';
import type { WalletAsset } from './chart-of-accounts.js';
import type { StatementEntry } from './ledger.service.js';
import type { Wallet } from './wallet.service.js';

export class ShopStatementDto {
  @From() from = 0;
  @Length() length = 100;
}

export class WalletStatementDto extends ShopStatementDto {
  @OneOf(['CNY', 'COUPON'], { optional: true }) asset: WalletAsset = 'CNY';
}

export class GrantDto {
  @Id({ example: 3 }) userId!: number;
  @OneOf(['CNY', 'COUPON'], { example: 'CNY' }) asset!: WalletAsset;
  /** Yuan. */
  @Yuan(1, MAX_FEN, { example: 100 }) amount!: Fen;
  /** Shown in the user's statement and kept in the audit row. */
  @Str(1, 255, { example: '开业活动' }) reason!: string;
}

export class WalletView {
  @ViewYuan(0) balance!: number;
  @ViewYuan(0) coupon!: number;
}

export class PayableView {
  /** What the mall owes the merchant. */
  @ViewYuan(0) payable!: number;
}

export class StatementEntryView {
  @ViewId() entry_id!: number;
  /** Negative when it left. */
  @ViewYuan() amount!: number;
  @ViewYuan(0) balance_after!: number;
  /** Such as order_payment, refund, grant or recharge. */
  type!: string;
  /** 0 where no order was concerned. */
  @ViewInt() order_id!: number;
  reason!: string;
  @ViewSeconds() time!: number;
}

export class StatementView {
  entries!: StatementEntryView[];
}

export class GrantedView {
  @ViewId() transaction_id!: number;
}

export const STATEMENT_EXAMPLE: StatementView = {
  entries: [
    {
      entry_id: 12,
      amount: -5.5,
      balance_after: 94.5,
      type: 'order_payment',
      order_id: 7,
      reason: '',
      time: 1531292871,
    },
  ],
};

export function statementView(entries: readonly StatementEntry[]): StatementView {
  return {
    entries: entries.map((entry) => ({
      entry_id: entry.id,
      amount: toYuan(entry.amount),
      balance_after: toYuan(entry.balanceAfter ?? 0),
      type: entry.kind,
      order_id: entry.orderId ?? 0,
      reason: entry.reason,
      time: toSeconds(entry.createdAt),
    })),
  };
}

export function walletView({ balance, coupon }: Wallet): WalletView {
  return { balance: toYuan(balance), coupon: toYuan(coupon) };
}
