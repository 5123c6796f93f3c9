import { toYuan } from '../../../protocols/scalars.js';
import { ViewId, ViewInt, ViewOneOf } from '../../../protocols/view-fields.js';
import type { Asset } from '../chart-of-accounts.js';
import { AUDITED, type AccountFinding, type AuditReport, type BrokenRow } from './audit-report.js';

/** What all entries of an asset sum to: 0 in honest books. Yuan, gold in coins. */
export class AssetSumView {
  sum!: number;
}

export class AssetSumsView implements Record<Asset, AssetSumView> {
  CNY!: AssetSumView;
  COUPON!: AssetSumView;
  GOLD!: AssetSumView;
}

export class NegativeAccountView {
  @ViewId() account_id!: number;
  address!: string;
  asset!: string;
  /** What the account says; yuan, gold in coins. */
  balance!: number;
}

export class DriftingAccountView extends NegativeAccountView {
  /** What its entries sum to; yuan, gold in coins. */
  entries!: number;
}

export class UnbalancedTransactionView {
  @ViewId() transaction_id!: number;
  asset!: string;
  /** Yuan, gold in coins. */
  sum!: number;
}

/** A row that is not what it was when it was written, or that is gone. */
export class BrokenRowView implements BrokenRow {
  @ViewOneOf(...AUDITED) table!: BrokenRow['table'];
  @ViewId() id!: number;
  problem!: string;
}

export class AuditChainView {
  /** Transactions under a seal. */
  @ViewInt() sealed!: number;
  /** Hash of the newest seal, empty before the first: kept elsewhere, it proves later that the end was not cut off. */
  head!: string;
  broken!: BrokenRowView[];
}

export class AuditCountsView {
  @ViewInt() accounts!: number;
  @ViewInt() transactions!: number;
  @ViewInt() entries!: number;
}

export class AuditView {
  /** Nothing was found. */
  clean!: boolean;
  assets!: AssetSumsView;
  /** Accounts whose balance is not what their entries sum to. */
  drift!: DriftingAccountView[];
  negative!: NegativeAccountView[];
  /** Transactions that do not sum to 0. */
  unbalanced!: UnbalancedTransactionView[];
  chain!: AuditChainView;
  counts!: AuditCountsView;
}

export const AUDIT_EXAMPLE: AuditView = {
  clean: true,
  assets: { CNY: { sum: 0 }, COUPON: { sum: 0 }, GOLD: { sum: 0 } },
  drift: [],
  negative: [],
  unbalanced: [],
  chain: { sealed: 120, head: '9f86d081884c7d65…', broken: [] },
  counts: { accounts: 14, transactions: 123, entries: 260 },
};

/** Of each kind; `ledger:verify` prints them all. */
const MAX_LISTED = 1000;

export function auditView({ clean, sums, drift, negative, unbalanced, chain, counts }: AuditReport): AuditView {
  return {
    clean,
    assets: {
      CNY: { sum: shown('CNY', sums.CNY) },
      COUPON: { sum: shown('COUPON', sums.COUPON) },
      GOLD: { sum: shown('GOLD', sums.GOLD) },
    },
    drift: drift.slice(0, MAX_LISTED).map(({ entries, ...account }) => ({
      ...accountView(account),
      entries: shown(account.asset, entries),
    })),
    negative: negative.slice(0, MAX_LISTED).map(accountView),
    unbalanced: unbalanced
      .slice(0, MAX_LISTED)
      .map(({ id, asset, sum }) => ({ transaction_id: id, asset, sum: shown(asset, sum) })),
    chain: { ...chain, broken: chain.broken.slice(0, MAX_LISTED) },
    counts,
  };
}

function accountView({ id, address, asset, balance }: AccountFinding): NegativeAccountView {
  return { account_id: id, address, asset, balance: shown(asset, balance ?? 0) };
}

/** Beyond 2^53 the nearest number that JSON has; ledger:verify prints it exactly. */
function shown(asset: string, amount: number | bigint): number {
  return asset === 'GOLD' ? Number(amount) : toYuan(Number(amount));
}
