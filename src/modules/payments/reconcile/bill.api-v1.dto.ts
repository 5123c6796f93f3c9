import { Str } from '../../../protocols/fields.js';
import { toYuan } from '../../../protocols/scalars.js';
import { ViewOneOf, ViewYuan } from '../../../protocols/view-fields.js';
import type { Difference } from './bill-store.js';

export class DifferencesDto {
  /** A day in Beijing time. */
  @Str(10, 10, { example: '2026-11-20' }) date!: string;
}

export class DifferenceView {
  /** The refund's own number for differences of refunds. */
  out_trade_no!: string;
  /** `missing_here`: WeChat has it, we have not booked it; `missing_there`: the other way round. */
  @ViewOneOf('missing_here', 'missing_there', 'amount', 'refund_missing_here', 'refund_missing_there', 'refund_amount')
  kind!: Difference['kind'];
  /** Null where we have nothing. */
  @ViewYuan(0) ours!: number | null;
  /** Null where WeChat has nothing. */
  @ViewYuan(0) theirs!: number | null;
}

export class DifferencesView {
  differences!: DifferenceView[];
}

export const DIFFERENCES_EXAMPLE: DifferencesView = {
  differences: [{ out_trade_no: 'LM3f0c…', kind: 'missing_here', ours: null, theirs: 23.5 }],
};

export function differencesView(differences: readonly Difference[]): DifferencesView {
  return {
    differences: differences.map(({ outTradeNo, kind, ours, theirs }) => ({
      out_trade_no: outTradeNo,
      kind,
      ours: ours === null ? null : toYuan(ours),
      theirs: theirs === null ? null : toYuan(theirs),
    })),
  };
}
