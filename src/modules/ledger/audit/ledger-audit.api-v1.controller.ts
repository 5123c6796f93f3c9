import { Get } from '@nestjs/common';
import { Permission } from '../../../common/permission.js';
import { Allow, ApiV1 } from '../../../protocols/decorators.js';
import { Doc } from '../../../protocols/doc.js';
import { LedgerAudit } from './ledger-audit.js';
import { AUDIT_EXAMPLE, AuditView, auditView } from './ledger-audit.api-v1.dto.js';

@ApiV1('ledger')
export class LedgerAuditApiV1Controller {
  constructor(private readonly audit: LedgerAudit) {}

  @Get('audit')
  @Allow(Permission.Root)
  @Doc<AuditView>({
    zh: '账本审计 (仅 Root)',
    en: 'Beyond the document: checks the whole ledger: each asset sums to 0, balances equal their entries, no row was changed or removed.',
    answer: AUDIT_EXAMPLE,
  })
  async read(): Promise<AuditView> {
    return auditView(await this.audit.run());
  }
}
