import { toYuan } from '../../protocols/scalars.js';
import type { AuditReport } from './audit-report.js';

export const AUDIT_EXAMPLE = {
  clean: true,
  assets: { CNY: { sum: 0 }, COUPON: { sum: 0 }, GOLD: { sum: 0 } },
  drift: [],
  negative: [],
  unbalanced: [],
  chain: { sealed: 120, head: '9f86d081884c7d65…', broken: [] },
  counts: { accounts: 14, transactions: 123, entries: 260 },
};

/** Money in yuan, gold in coins. */
export function auditView({ clean, sums, drift, negative, unbalanced, chain, counts }: AuditReport): object {
  const shown = (asset: string, amount: number): number => (asset === 'GOLD' ? amount : toYuan(amount));
  return {
    clean,
    assets: Object.fromEntries(Object.entries(sums).map(([asset, sum]) => [asset, { sum: shown(asset, sum) }])),
    drift: drift.map(({ id, address, asset, balance, entries }) => ({
      account_id: id,
      address,
      asset,
      balance: shown(asset, balance ?? 0),
      entries: shown(asset, entries),
    })),
    negative: negative.map(({ id, address, asset, balance }) => ({
      account_id: id,
      address,
      asset,
      balance: shown(asset, balance ?? 0),
    })),
    unbalanced: unbalanced.map(({ id, asset, sum }) => ({ transaction_id: id, asset, sum: shown(asset, sum) })),
    chain,
    counts,
  };
}
