import { Get, Post } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import { Allow, ApiV1, CurrentUser, Input, Public, RateLimit, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { CodeLoginDto, LOGIN_EXAMPLE, LoginView, loginView, PhoneCodeDto, RefreshDto } from './auth.api-v1.dto.js';
import { AuthService } from './auth.service.js';

@ApiV1('user')
export class AuthApiV1Controller {
  constructor(
    private readonly auth: AuthService,
    private readonly config: Config,
  ) {}

  @Get('code')
  @RoundTrips(4, { 'with another name': 5, 'for the first time': 6 })
  @Public()
  @RateLimit('login')
  @Doc<LoginView>({
    zh: '小程序 code 换取 token',
    en: 'Exchanges a mini-program login code for a token. `refreshToken` and `expiry` (Unix seconds) are beyond the document.',
    answer: LOGIN_EXAMPLE,
    errors: { invalid: 'WeChat refused this code, call wx.login again', forbidden: 'this account is disabled' },
  })
  async code(@Input() input: CodeLoginDto): Promise<LoginView> {
    const change = { name: input.nickName, avatar: input.avatarUrl };
    return loginView(await this.auth.loginWithCode(input.code, change, this.config.tokens.apiV1));
  }

  @Get('validate')
  @Allow()
  @Doc({ zh: '检验 token 合法性', en: 'Succeeds while the token is good.' })
  validate(): void {}

  @Post('refresh')
  @Public()
  @RateLimit('renewal')
  @Doc<LoginView>({
    zh: '刷新 token',
    en: 'Beyond the document: a new token for a refresh token, which is spent by it.',
    answer: LOGIN_EXAMPLE,
    errors: { invalid_token: 'the refresh token is not valid' },
  })
  async refresh(@Input() input: RefreshDto): Promise<LoginView> {
    return loginView(await this.auth.renew(input.refreshToken, this.config.tokens.apiV1));
  }

  @Post('logout')
  @Allow()
  @Doc({ zh: '退出登录', en: 'Beyond the document: ends this login; its tokens are dead at once.' })
  async logout(@CurrentUser() user: Principal): Promise<void> {
    await this.auth.logout(user.sessionId);
  }

  @Post('bindPhone')
  @Allow()
  @RateLimit('phone')
  @Doc({
    zh: '绑定手机号',
    en: 'Beyond the document: exchanges the code of the getPhoneNumber button and stores the phone.',
    errors: { duplicate: 'this phone belongs to another account' },
  })
  async bindPhone(@CurrentUser() user: Principal, @Input() input: PhoneCodeDto): Promise<void> {
    await this.auth.bindPhone(user.userId, input.code);
  }
}
