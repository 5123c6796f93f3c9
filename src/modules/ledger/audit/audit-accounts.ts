import type { SnapshotRead } from '../../../database/snapshot.js';
import { tableOf } from '../../../database/table.js';
import { ASSETS, keepsBalance } from '../chart-of-accounts.js';
import { LedgerAccount } from '../ledger-account.entity.js';
import { accountHash } from '../posting.js';
import type { AuditReport } from './audit-report.js';
import type { ExactSums } from './exact-sums.js';

type AuditedAccount = Omit<LedgerAccount, 'createdAt'>;

const SLICE = 1000;
const ACCOUNTS = tableOf(LedgerAccount);
const NEXT = `SELECT ${ACCOUNTS.select(ACCOUNTS.without('createdAt'))} FROM ledger_accounts WHERE id > ? ORDER BY id LIMIT ?`;

async function* accounts(read: SnapshotRead): AsyncGenerator<AuditedAccount> {
  for (let after = 0; ;) {
    const rows = await read<AuditedAccount>(NEXT, [after, SLICE]);
    yield* rows;
    if (rows.length < SLICE) return;
    after = rows[rows.length - 1].id;
  }
}

/** Counts accounts and names those that were renamed. Returns their ids. */
export async function auditAccountNames(read: SnapshotRead, report: AuditReport): Promise<ReadonlySet<number>> {
  const renamed = new Set<number>();
  for await (const { id, address, asset, hash } of accounts(read)) {
    report.counts.accounts += 1;
    if (accountHash(address, asset) === hash && ASSETS.includes(asset)) continue;
    renamed.add(id);
    report.chain.broken.push({ table: 'ledger_account', id, problem: 'was changed' });
  }
  return renamed;
}

/** Compares each balance with the sum of its entries, and sums every asset. */
export async function auditBalances(read: SnapshotRead, report: AuditReport, sums: ExactSums): Promise<void> {
  for await (const { id, address, asset, balance } of accounts(read)) {
    const entries = sums.of(id);
    if (asset in report.sums) {
      report.sums[asset] += entries;
      if (entries > 0n) report.held[asset] += entries;
    }
    if (balance !== null && balance < 0) report.negative.push({ id, address, asset, balance });
    if (balance === null ? keepsBalance(address) : !Number.isSafeInteger(balance) || BigInt(balance) !== entries) {
      report.drift.push({ id, address, asset, balance, entries });
    }
  }
}
