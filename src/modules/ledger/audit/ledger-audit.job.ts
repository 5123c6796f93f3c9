import { Injectable, Logger } from '@nestjs/common';
import { Metrics } from '../../../operations/metrics.js';
import { PeriodicJob } from '../../jobs/periodic-job.decorator.js';
import { findingsOf } from './audit-report.js';
import { exact } from './exact-sums.js';
import { LedgerAudit } from './ledger-audit.js';

/** Audits by itself every hour. The instance that did it shows the result: alarm on the highest value over all instances. */
@Injectable()
export class LedgerAuditJob {
  private readonly logger = new Logger('ledger');
  private drift = 0;
  private findings = 0;

  constructor(
    private readonly audit: LedgerAudit,
    metrics: Metrics,
  ) {
    const drift =
      'Difference between balances and their entries, summed over all accounts, at the last audit (fen, coins)';
    metrics.gauge('livemall_ledger_drift', drift, () => this.drift);
    metrics.gauge('livemall_ledger_findings', 'Findings of the last audit of the books', () => this.findings);
  }

  @PeriodicJob({ name: 'ledger.audit', everySeconds: 3600 })
  async run(): Promise<void> {
    const report = await this.audit.run();
    const findings = findingsOf(report);
    this.findings = findings.length;
    this.drift = report.drift.reduce(
      (sum, { balance, entries }) => sum + Math.abs(Number(exact(balance ?? 0) - entries)),
      0,
    );
    for (const finding of findings.slice(0, 100)) this.logger.error(`audit: ${finding}`);
  }
}
