import { Get } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Allow, CurrentUser, Input, Web } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { LedgerService } from './ledger.service.js';
import { LEDGER_EXAMPLE, LedgersDto, LedgerView, ledgerView } from './ledger.web.dto.js';
import { WalletService } from './wallet.service.js';

@Web('ledgers')
export class LedgerWebController {
  constructor(
    private readonly wallets: WalletService,
    private readonly ledger: LedgerService,
  ) {}

  @Get()
  @Allow()
  @Doc<LedgerView[]>({
    zh: '获取消费记录',
    en: 'What moved in the balance (type 0) or the coupon (type 1) of the caller, newest first; money that left is negative.',
    answer: [LEDGER_EXAMPLE],
  })
  async ledgers(@CurrentUser() { userId }: Principal, @Input() { type, ...page }: LedgersDto): Promise<LedgerView[]> {
    const asset = type === 0 ? 'CNY' : 'COUPON';
    const entries = await this.ledger.statement(this.wallets.addressOf(userId, asset), asset, page);
    return entries.map((entry) => ledgerView(userId, type, entry));
  }
}
