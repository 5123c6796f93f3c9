import { Get } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1 } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { LedgerAudit } from './ledger-audit.js';
import { AUDIT_EXAMPLE, auditView } from './ledger.api-v1.dto.js';

@ApiV1('ledger')
export class LedgerApiV1Controller {
  constructor(private readonly audit: LedgerAudit) {}

  @Get('audit')
  @Allow(Permission.Root)
  @Doc({
    zh: '账本审计 (仅 Root)',
    en: 'Beyond the document: checks the whole ledger: each asset sums to 0, balances equal their entries, no row was changed or removed.',
    answer: AUDIT_EXAMPLE,
  })
  async read(): Promise<object> {
    return auditView(await this.audit.run());
  }
}
