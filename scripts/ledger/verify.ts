import { model } from '../../ormconfig.js';
import type { Config } from '../../src/config/config.js';
import { Database } from '../../src/database/database.js';
import { findingsOf } from '../../src/modules/ledger/audit/audit-report.js';
import { LedgerAudit } from '../../src/modules/ledger/audit/ledger-audit.js';

const MOST_LATE = 20;

/** Audits the books of a database, running server or not, and prints one line per finding. Returns how many there are. */
export async function verifyBooks(config: Config, print: (line: string) => void): Promise<number> {
  const database = await Database.open(config, model);
  try {
    const report = await new LedgerAudit(database).run();
    const findings = findingsOf(report);
    for (const finding of findings) print(finding);
    for (const id of report.late.slice(0, MOST_LATE)) {
      print(`note: ledger_transaction ${id} was sealed far behind its neighbours: it committed late or was added`);
    }
    if (report.late.length > MOST_LATE) print(`note: and ${report.late.length - MOST_LATE} more`);
    const { accounts, transactions, entries } = report.counts;
    const { sealed, head } = report.chain;
    const held = Object.entries(report.held).map(([asset, amount]) => `${asset} ${amount}`);
    print(
      `${accounts} accounts (holding ${held.join(', ')}), ${transactions} transactions (${sealed} sealed, head ${head || 'none'}), ` +
        `${entries} entries`,
    );
    print(findings.length === 0 ? 'The books are clean.' : `${findings.length} findings.`);
    return findings.length;
  } finally {
    await database.onApplicationShutdown();
  }
}
