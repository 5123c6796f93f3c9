import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicJobs } from '../../common/periodic-jobs.js';
import { Metrics } from '../../operations/metrics.js';
import { findingsOf } from './audit-report.js';
import { LedgerAudit } from './ledger-audit.js';

/** Audits by itself every hour. The instance that did it shows the result: alarm on the highest value over all instances. */
@Injectable()
export class LedgerWatch implements OnModuleInit {
  private readonly logger = new Logger('ledger');
  private drift = 0;
  private findings = 0;

  constructor(
    private readonly jobs: PeriodicJobs,
    private readonly audit: LedgerAudit,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const drift =
      'Difference between balances and their entries, summed over all accounts, at the last audit (fen, coins)';
    this.metrics.gauge('livemall_ledger_drift', drift, () => this.drift);
    this.metrics.gauge('livemall_ledger_findings', 'Findings of the last audit of the books', () => this.findings);
    this.jobs.register('ledger.audit', () => this.watch(), { everySeconds: 3600 });
  }

  private async watch(): Promise<void> {
    const report = await this.audit.run();
    const findings = findingsOf(report);
    this.findings = findings.length;
    this.drift = report.drift.reduce((sum, { balance, entries }) => sum + Math.abs((balance ?? 0) - entries), 0);
    for (const finding of findings.slice(0, 100)) this.logger.error(`audit: ${finding}`);
  }
}
