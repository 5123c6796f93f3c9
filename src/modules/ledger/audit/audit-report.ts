import type { Asset } from '../chart-of-accounts.js';
import type { LedgerAccount } from '../ledger-account.entity.js';

/** What is audited, each table's name in the singular. */
export const AUDITED = [
  'ledger_account',
  'ledger_transaction',
  'ledger_entry',
  'ledger_seal',
  'ledger_seal_member',
] as const;

/** A row that is not what it was when it was written, or that is gone. */
export interface BrokenRow {
  readonly table: (typeof AUDITED)[number];
  readonly id: number;
  readonly problem: string;
}

export type AccountFinding = Pick<LedgerAccount, 'id' | 'address' | 'asset' | 'balance'>;

/** What an audit found. Sums and balances in fen or coins; sums are exact, a number could not hold the larger ones. */
export interface AuditReport {
  clean: boolean;
  readonly sums: Record<Asset, bigint>;
  /** What those accounts hold together that hold something: as much is missing on the others. */
  readonly held: Record<Asset, bigint>;
  /** With what its entries sum to. */
  readonly drift: (AccountFinding & { readonly entries: bigint })[];
  readonly negative: AccountFinding[];
  readonly unbalanced: { readonly id: number; readonly asset: string; readonly sum: bigint }[];
  readonly chain: {
    /** Transactions under a seal. */
    sealed: number;
    /** Hash of the newest seal: kept elsewhere, it proves later that the end of the chain was not cut off. */
    head: string;
    readonly broken: BrokenRow[];
  };
  /** Ids of transactions that were sealed far behind their neighbours: no fault by itself, and seen for ever. */
  readonly late: number[];
  readonly counts: { accounts: number; transactions: number; entries: number };
}

export function emptyReport(): AuditReport {
  return {
    clean: true,
    sums: { CNY: 0n, COUPON: 0n, GOLD: 0n },
    held: { CNY: 0n, COUPON: 0n, GOLD: 0n },
    drift: [],
    negative: [],
    unbalanced: [],
    chain: { sealed: 0, head: '', broken: [] },
    late: [],
    counts: { accounts: 0, transactions: 0, entries: 0 },
  };
}

/** One line per finding, named by table and id. */
export function findingsOf({ sums, drift, negative, unbalanced, chain }: AuditReport): string[] {
  return [
    ...Object.entries(sums).flatMap(([asset, sum]) => (sum === 0n ? [] : [`${asset} sums to ${sum} instead of 0`])),
    ...drift.map(
      (row) => `ledger_account ${row.id} (${row.address}) holds ${row.balance}, its entries sum to ${row.entries}`,
    ),
    ...negative.map((row) => `ledger_account ${row.id} (${row.address}) is negative: ${row.balance}`),
    ...unbalanced.map((row) => `ledger_transaction ${row.id} sums to ${row.sum} ${row.asset} instead of 0`),
    ...chain.broken.map((row) => `${row.table} ${row.id} ${row.problem}`),
  ];
}
