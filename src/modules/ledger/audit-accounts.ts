import type { SnapshotRead } from '../../database/snapshot.js';
import type { AuditReport } from './audit-report.js';
import { ASSETS, keepsBalance, type Asset } from './chart-of-accounts.js';
import { accountHash } from './ledger-post.js';

interface AccountRow {
  readonly id: number;
  readonly address: string;
  readonly asset: string;
  readonly balance: number | null;
  readonly hash: string;
}

const SLICE = 1000;

async function* accounts(read: SnapshotRead): AsyncGenerator<AccountRow> {
  for (let after = 0; ;) {
    const rows = await read<AccountRow>(
      'SELECT id, address, asset, balance, hash FROM ledger_accounts WHERE id > ? ORDER BY id LIMIT ?',
      [after, SLICE],
    );
    yield* rows;
    if (rows.length < SLICE) return;
    after = Number(rows[rows.length - 1].id);
  }
}

/** Counts accounts and names those that were renamed. Answers their ids. */
export async function auditAccountNames(read: SnapshotRead, report: AuditReport): Promise<ReadonlySet<number>> {
  const renamed = new Set<number>();
  for await (const { id, address, asset, hash } of accounts(read)) {
    report.counts.accounts += 1;
    if (accountHash(address, asset) === hash && ASSETS.includes(asset as Asset)) continue;
    renamed.add(Number(id));
    report.chain.broken.push({ table: 'ledger_account', id: Number(id), problem: 'was changed' });
  }
  return renamed;
}

/** Compares each balance with the sum of its entries, and sums every asset. `sums` is indexed by account id. */
export async function auditBalances(read: SnapshotRead, report: AuditReport, sums: Float64Array): Promise<void> {
  for await (const row of accounts(read)) {
    const { address, asset } = row;
    const id = Number(row.id);
    const entries = sums[id] ?? 0;
    const balance = row.balance === null ? null : Number(row.balance);
    if (asset in report.sums) report.sums[asset as Asset] += entries;
    if (balance !== null && balance < 0) report.negative.push({ id, address, asset, balance });
    if (balance === null ? keepsBalance(address) : balance !== entries) {
      report.drift.push({ id, address, asset, balance, entries });
    }
  }
}
