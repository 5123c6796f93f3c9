import { Get, Post } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Envelope, Input, Open, RoundTrips, Signed } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { GoldService } from './gold.service.js';
import {
  ChangeGoldDto,
  goldChange,
  orderedGoldChange,
  OrderSuccessDto,
  profileOf,
  TOKEN_EXAMPLE,
  TokenDto,
  TOKENS_EXAMPLE,
  TokensView,
  tokensView,
  TokenView,
  UserTokensDto,
} from './linkv.open.dto.js';
import { ContentHash, CurrentApp } from './linkv.open.strategy.js';
import type { PartnerApp } from './partner-apps.service.js';
import { PartnerUsers } from './partner-users.service.js';

const SIGN_ERRORS = { unauthenticated: 'sign err', forbidden: 'unknown app_id' };
const COINS = { zh: '查询金币', answer: TOKENS_EXAMPLE, errors: SIGN_ERRORS };
const SIGNING = 'Signed: the page /docs/open/sign makes a form that is ready to send.';

@Open('v0')
export class TokenOpenController {
  constructor(private readonly users: PartnerUsers) {}

  @Post('thGetToken')
  @Signed('linkv')
  @Envelope({ failure: { data: [] } })
  @Doc<TokenView>({
    zh: '获取直播 open_id 及 直播 token',
    en: `The open id of a partner's user, always the same, and a new token. ${SIGNING}`,
    answer: TOKEN_EXAMPLE,
    errors: SIGN_ERRORS,
  })
  async thGetToken(@CurrentApp() app: PartnerApp, @Input() input: TokenDto): Promise<TokenView> {
    const { userId, aid } = input;
    const { openId, token } = await this.users.issueToken(app.appId, userId, profileOf(input));
    return { token, userId, aid, openId };
  }
}

@Open('finanv0')
export class GoldOpenController {
  private readonly lenient: boolean;

  constructor(
    private readonly gold: GoldService,
    config: Config,
  ) {
    this.lenient = config.linkv?.lenient ?? false;
  }

  @Post('orderSuccess')
  @Signed('linkv')
  @Doc<TokensView>({
    zh: '完成订单',
    en: `Adds (type 1) or takes (type 2) the coins of an order, once per order and type. ${SIGNING}`,
    answer: TOKENS_EXAMPLE,
    errors: {
      ...SIGN_ERRORS,
      conflict: 'this order is completed already',
      insufficient_balance: 'insufficient balance',
    },
  })
  async orderSuccess(
    @CurrentApp() app: PartnerApp,
    @ContentHash('orderSuccess') hash: string,
    @Input() input: OrderSuccessDto,
  ): Promise<TokensView> {
    return tokensView(await this.gold.completeOrder(orderedGoldChange(app, hash, input, this.lenient)));
  }

  @Post('changeGold')
  @RoundTrips(6, { taking: 7, 'first of a user': 10, repeated: 1, 'repeated at another instance': 3 })
  @Signed('linkv')
  @Doc({
    zh: '修改金币',
    en: `Adds (type 1) or takes (type 2) coins, once per request_id. ${SIGNING}`,
    errors: {
      ...SIGN_ERRORS,
      insufficient_balance: 'insufficient balance',
      key_reused: 'this request_id was used for another request',
    },
  })
  async changeGold(
    @CurrentApp() app: PartnerApp,
    @ContentHash('changeGold') hash: string,
    @Input() input: ChangeGoldDto,
  ): Promise<void> {
    await this.gold.change(goldChange(app, hash, input, this.lenient));
  }

  @Post('getUserTokens')
  @Signed('linkv')
  @Doc<TokensView>({ ...COINS, en: `The coins that have not expired. ${SIGNING}` })
  async getUserTokens(@CurrentApp() { appId }: PartnerApp, @Input() { uid }: UserTokensDto): Promise<TokensView> {
    return tokensView(await this.gold.balance(appId, uid));
  }

  @Get('getUserTokens')
  @Signed('linkv')
  @Doc<TokensView>({ ...COINS, en: `The same by GET, as the Go and Python SDKs ask. ${SIGNING}` })
  async getUserTokensByGet(@CurrentApp() app: PartnerApp, @Input() input: UserTokensDto): Promise<TokensView> {
    return this.getUserTokens(app, input);
  }
}
