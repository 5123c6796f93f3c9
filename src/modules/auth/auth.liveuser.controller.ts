import { Post } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Input, LiveUser, Public, RateLimit } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  RENEWAL_EXAMPLE,
  RenewalView,
  renewalView,
  RenewTokenDto,
  WxLoginDto,
  WxLoginView,
  wxLoginView,
} from './auth.liveuser.dto.js';
import { AuthService } from './auth.service.js';

@LiveUser('Wx')
export class AuthLiveuserController {
  constructor(
    private readonly auth: AuthService,
    private readonly config: Config,
  ) {}

  @Post('Login')
  @Public()
  @RateLimit('login')
  @Doc<WxLoginView>({
    zh: '微信登录',
    en: 'Exchanges a wx.login() code for tokens; `expiry` in Unix seconds.',
    answer: { ...RENEWAL_EXAMPLE, uid: '5f0c7a1e9b3d4c2a8e6f1b0d' },
    errors: { forbidden: 'this account is disabled', unavailable: 'WeChat is not available' },
  })
  async login(@Input() { code }: WxLoginDto): Promise<WxLoginView> {
    return wxLoginView(await this.auth.loginWithCode(code, {}, this.config.tokens.access));
  }

  @Post('RenewToken')
  @Public()
  @RateLimit('renewal')
  @Doc<RenewalView>({
    zh: '换取新的 access_token',
    en: 'Spends a refresh token; the use of a spent one ends the whole login.',
    answer: RENEWAL_EXAMPLE,
    errors: { invalid_token: 'the refresh token is not valid' },
  })
  async renewToken(@Input() input: RenewTokenDto): Promise<RenewalView> {
    return renewalView(await this.auth.renew(input.refresh_token, this.config.tokens.access));
  }
}
