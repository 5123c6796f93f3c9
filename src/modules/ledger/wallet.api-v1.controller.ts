import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import {
  Allow,
  ApiV1,
  CurrentUser,
  IdempotencyKey,
  Idempotent,
  Input,
  RoundTrips,
} from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { LedgerService } from './ledger.service.js';
import {
  GrantDto,
  GrantedView,
  STATEMENT_EXAMPLE,
  StatementView,
  statementView,
  WalletStatementDto,
  WalletView,
  walletView,
} from './wallet.api-v1.dto.js';
import { WalletService } from './wallet.service.js';

@ApiV1('wallet')
export class WalletApiV1Controller {
  constructor(
    private readonly wallets: WalletService,
    private readonly ledger: LedgerService,
  ) {}

  @Get()
  @RoundTrips(2)
  @Allow()
  @Doc<WalletView>({
    zh: '我的钱包',
    en: 'Beyond the document: the caller’s balance and coupon in yuan.',
    answer: { balance: 94.5, coupon: 20 },
  })
  async wallet(@CurrentUser() user: Principal): Promise<WalletView> {
    return walletView(await this.wallets.getWallet(user.userId));
  }

  @Get('statement')
  @RoundTrips(1)
  @Allow()
  @Doc<StatementView>({
    zh: '钱包流水',
    en: 'Beyond the document: what moved in the caller’s wallet, newest first; amounts in yuan, negative when they left.',
    answer: STATEMENT_EXAMPLE,
  })
  async statement(@CurrentUser() user: Principal, @Input() input: WalletStatementDto): Promise<StatementView> {
    const address = this.wallets.addressOf(user.userId, input.asset);
    return statementView(await this.ledger.statement(address, input.asset, input));
  }

  @Post('grant')
  @Allow(Permission.Root)
  @Idempotent()
  @Doc<GrantedView>({
    zh: '发放余额或优惠券 (仅 Root)',
    en: 'Beyond the document: gives a user balance or coupon out of the promotion budget; who, when and why is kept.',
    answer: { transaction_id: 31 },
    errors: { not_found: 'user not found', key_reused: 'this Idempotency-Key was used for another request' },
  })
  async grant(
    @CurrentUser() user: Principal,
    @Input() input: GrantDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<GrantedView> {
    const { transactionId } = await this.wallets.grant(ref, user.userId, input);
    return { transaction_id: transactionId };
  }
}
