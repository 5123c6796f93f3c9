import { Get, Post } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { Config } from '../../config/config.js';
import { Open, Parameters, Public } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { GoldService } from './gold.service.js';
import {
  ChangeGoldDto,
  OrderSuccessDto,
  readGoldChange,
  readOrder,
  readProfile,
  readSigned,
  TokenDto,
  tokensView,
  UserTokensDto,
} from './linkv.open.dto.js';
import { OpenGate } from './open-gate.js';
import { PartnerUsers } from './partner-users.service.js';

type Sent = Readonly<Record<string, string>>;

const GATE_ERRORS = {
  unauthenticated: 'sign err',
  forbidden: 'unknown app_id',
} as const;
const TOKENS_EXAMPLE = { tokens: '123', livemeTokens: '123' };
const SIGNING = 'Signed: the page /docs/open/sign makes a form that is ready to send.';

@Open('v0')
export class TokenOpenController {
  constructor(
    private readonly gate: OpenGate,
    private readonly users: PartnerUsers,
  ) {}

  @Post('thGetToken')
  @Public()
  @ApiBody({ type: TokenDto })
  @Doc({
    zh: '获取直播 open_id 及 直播 token',
    en: `The open id of a partner's user, always the same, and a new token. ${SIGNING}`,
    answer: {
      token: 'asdsaddfa3234234ada2adsf',
      userId: '534961119',
      aid: 'dsafdsf23wadfaad',
      openId: '115213496111983232934',
    },
    errors: GATE_ERRORS,
  })
  async thGetToken(@Parameters() sent: Sent): Promise<object> {
    const request = await this.gate.admit(sent);
    const { userId, profile } = readProfile(request);
    const { openId, token } = await this.users.issueToken(request.app.appId, userId, profile);
    return { token, userId, aid: profile.aid, openId };
  }
}

@Open('finanv0')
export class GoldOpenController {
  private readonly lenient: boolean;

  constructor(
    private readonly gate: OpenGate,
    private readonly gold: GoldService,
    config: Config,
  ) {
    this.lenient = config.linkv?.lenient ?? false;
  }

  @Post('orderSuccess')
  @Public()
  @ApiBody({ type: OrderSuccessDto })
  @Doc({
    zh: '完成订单',
    en: `Adds (type 1) or takes (type 2) the coins of an order, once per order and type. ${SIGNING}`,
    answer: TOKENS_EXAMPLE,
    errors: {
      ...GATE_ERRORS,
      conflict: 'this order is completed already',
      insufficient_balance: 'insufficient balance',
    },
  })
  async orderSuccess(@Parameters() sent: Sent): Promise<object> {
    return tokensView(await this.gold.completeOrder(readOrder(await this.gate.admit(sent), this.lenient)));
  }

  @Post('changeGold')
  @Public()
  @ApiBody({ type: ChangeGoldDto })
  @Doc({
    zh: '修改金币',
    en: `Adds (type 1) or takes (type 2) coins, once per request_id. ${SIGNING}`,
    errors: {
      ...GATE_ERRORS,
      insufficient_balance: 'insufficient balance',
      key_reused: 'this request_id was used for another request',
    },
  })
  async changeGold(@Parameters() sent: Sent): Promise<void> {
    await this.gold.change(readGoldChange(await this.gate.admit(sent), this.lenient));
  }

  @Post('getUserTokens')
  @Public()
  @ApiBody({ type: UserTokensDto })
  @Doc({
    zh: '查询金币',
    en: `The coins that have not expired. ${SIGNING}`,
    answer: TOKENS_EXAMPLE,
    errors: GATE_ERRORS,
  })
  async getUserTokens(@Parameters() sent: Sent): Promise<object> {
    const request = await this.gate.admit(sent);
    const { uid } = readSigned(UserTokensDto, request);
    return tokensView(await this.gold.balance(request.app.appId, uid));
  }

  @Get('getUserTokens')
  @Public()
  @ApiBody({ type: UserTokensDto })
  @Doc({
    zh: '查询金币',
    en: `The same by GET, as the Go and Python SDKs ask. ${SIGNING}`,
    answer: TOKENS_EXAMPLE,
    errors: GATE_ERRORS,
  })
  async getUserTokensByGet(@Parameters() sent: Sent): Promise<object> {
    return this.getUserTokens(sent);
  }
}
