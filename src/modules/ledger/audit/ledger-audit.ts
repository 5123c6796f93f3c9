import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import type { SnapshotRead } from '../../../database/snapshot.js';
import { auditAccountNames, auditBalances } from './audit-accounts.js';
import { emptyReport, findingsOf, type AuditReport } from './audit-report.js';
import { auditSeals } from './audit-seals.js';
import { TransactionAudit } from './audit-transactions.js';
import { ExactSums } from './exact-sums.js';
import { LATE_WINDOW } from './ledger-sealer.js';

/**
 * Checks the books from first to last row: every asset sums to zero, every balance equals its entries, nothing is negative,
 * every row is what was written. Reads in slices of one snapshot: memory grows by 8 bytes an account, nothing waits for it.
 */
@Injectable()
export class LedgerAudit {
  private running: Promise<AuditReport> | null = null;

  constructor(private readonly database: Database) {}

  /** One at a time: who asks while one runs gets its answer. */
  run(): Promise<AuditReport> {
    this.running ??= this.database.snapshot(audit).finally(() => {
      this.running = null;
    });
    return this.running;
  }
}

async function audit(read: SnapshotRead): Promise<AuditReport> {
  const report = emptyReport();
  const [newest] = await read<{ id: number | null }>('SELECT MAX(id) AS id FROM ledger_accounts');
  const [sealed] = await read<{ id: number | null }>('SELECT MAX(transaction_id) AS id FROM ledger_seal_members');
  const sums = new ExactSums(newest?.id ?? 0);
  const known = {
    seals: await auditSeals(read, report),
    accounts: await auditAccountNames(read, report),
    sealedUpTo: (sealed?.id ?? 0) - LATE_WINDOW,
  };
  await new TransactionAudit(read, report, known, sums).run();
  await auditBalances(read, report, sums);
  report.clean = findingsOf(report).length === 0;
  return report;
}
