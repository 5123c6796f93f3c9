import { Post } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Input, LiveUser, Public } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { RenewTokenDto, renewalView, WxLoginDto, wxLoginView } from './auth.liveuser.dto.js';
import { AuthService } from './auth.service.js';

const RENEWAL = { access_token: 'eyJhbGciOiJIUzI1NiIs…', refresh_token: 'q1Zb…', expiry: 1605872400 };

@LiveUser('Wx')
export class AuthLiveuserController {
  constructor(
    private readonly auth: AuthService,
    private readonly config: Config,
  ) {}

  @Post('Login')
  @Public()
  @RateLimit('login')
  @Doc({
    zh: '微信登录',
    en: 'Exchanges a wx.login() code for tokens; `expiry` in Unix seconds.',
    answer: { ...RENEWAL, uid: '5f0c7a1e9b3d4c2a8e6f1b0d' },
    errors: { forbidden: 'this account is disabled', unavailable: 'WeChat is not available' },
  })
  async login(@Input() { code }: WxLoginDto): Promise<object> {
    return wxLoginView(await this.auth.loginWithCode(code, {}, this.config.tokens.access));
  }

  @Post('RenewToken')
  @Public()
  @RateLimit('renewal')
  @Doc({
    zh: '换取新的 access_token',
    en: 'Spends a refresh token; the use of a spent one ends the whole login.',
    answer: RENEWAL,
    errors: { invalid_token: 'the refresh token is not valid' },
  })
  async renewToken(@Input() input: RenewTokenDto): Promise<object> {
    return renewalView(await this.auth.renew(input.refresh_token, this.config.tokens.access));
  }
}
