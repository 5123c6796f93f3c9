import { MAX_FEN } from '../../common/money.js';
import { From, Id, Length, OneOf, Str, Yuan } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import type { StatementEntry } from './ledger.service.js';
import type { WalletAsset } from './wallet.service.js';

export class ShopStatementDto {
  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export class WalletStatementDto extends ShopStatementDto {
  @OneOf(['CNY', 'COUPON'], { default: 'CNY' })
  asset!: WalletAsset;
}

export class GrantDto {
  @Id({ example: 3 })
  userId!: number;

  @OneOf(['CNY', 'COUPON'], { example: 'CNY' })
  asset!: WalletAsset;

  /** Yuan. */
  @Yuan(1, MAX_FEN, { example: 100 })
  amount!: number;

  /** Shown in the user's statement and kept in the audit row. */
  @Str(1, 255, { example: '开业活动' })
  reason!: string;
}

export const STATEMENT_EXAMPLE = {
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

export function statementView(entries: readonly StatementEntry[]): object {
  return {
    entries: entries.map((entry) => ({
      entry_id: entry.entryId,
      amount: toYuan(entry.amount),
      balance_after: toYuan(entry.balanceAfter ?? 0),
      type: entry.kind,
      order_id: entry.orderId ?? 0,
      reason: entry.reason,
      time: toSeconds(entry.time),
    })),
  };
}

export function walletView({ balance, coupon }: { balance: number; coupon: number }): object {
  return { balance: toYuan(balance), coupon: toYuan(coupon) };
}
