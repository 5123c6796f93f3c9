import { Get } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { toYuan } from '../../protocols/scalars.js';
import { account } from './chart-of-accounts.js';
import { LedgerService } from './ledger.service.js';
import { PayableView, ShopStatementDto, STATEMENT_EXAMPLE, StatementView, statementView } from './wallet.api-v1.dto.js';

@ApiV1('shop')
export class ShopBooksApiV1Controller {
  constructor(private readonly ledger: LedgerService) {}

  @Get('balance')
  @Allow(Permission.Merchant)
  @Doc<PayableView>({
    zh: '店铺应收余额',
    en: 'Beyond the document: what the mall owes the calling merchant, in yuan.',
    answer: { payable: 1280.5 },
  })
  async balance(@CurrentUser() user: Principal): Promise<PayableView> {
    return { payable: toYuan(await this.ledger.balance(account.merchantPayable(user.userId), 'CNY')) };
  }

  @Get('statement')
  @Allow(Permission.Merchant)
  @Doc<StatementView>({
    zh: '店铺流水',
    en: 'Beyond the document: what moved on the calling merchant’s payable, newest first, in yuan.',
    answer: STATEMENT_EXAMPLE,
  })
  async statement(@CurrentUser() user: Principal, @Input() input: ShopStatementDto): Promise<StatementView> {
    return statementView(await this.ledger.statement(account.merchantPayable(user.userId), 'CNY', input));
  }
}
