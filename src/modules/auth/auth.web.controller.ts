import { Get, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '../../common/domain-error.js';
import type { Credential, Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import {
  Allow,
  CallerAddress,
  CurrentUser,
  GivenCredential,
  Input,
  Public,
  UnsafeGet,
  Web,
} from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { RateLimit } from '../../protocols/rate-limit.js';
import { clearSessionCookie, setSessionCookie } from '../../protocols/session-cookie.js';
import { webBody } from '../../protocols/web.dialect.js';
import { UsersService } from '../users/users.service.js';
import { AccountsService, type CookieLogin } from './accounts.service.js';
import { BindDto, PasswordDto, SigninDto, USER_EXAMPLE, userView } from './auth.web.dto.js';
import { BindingService } from './binding.service.js';

@Web()
export class AuthWebController {
  constructor(
    private readonly config: Config,
    private readonly accounts: AccountsService,
    private readonly binding: BindingService,
    private readonly users: UsersService,
  ) {}

  @Get('account/signin')
  @Public()
  @RateLimit('login')
  @UnsafeGet()
  @Doc({
    zh: '微信登录，会设置cookie',
    en: 'Signs in with a WeChat code and sets the session cookie. Refused to pages of other sites and to navigation.',
    answer: USER_EXAMPLE,
    errors: { forbidden: 'this account is disabled' },
  })
  async signin(
    @Input() input: SigninDto,
    @GivenCredential() given: Credential | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.welcome(response, await this.accounts.signInWithCode(input.code, given));
  }

  @Post('account/login')
  @Public()
  @RateLimit('login')
  @Doc({
    zh: '手机号密码登录，会设置cookie',
    en: 'Logs in with phone and password and sets the session cookie. After five failures attempts are refused for a while.',
    answer: USER_EXAMPLE,
    errors: { wrong_password: 'wrong phone or password', too_many_requests: 'too many attempts, try again later' },
  })
  async login(
    @Input() { phone, password }: PasswordDto,
    @CallerAddress() address: string,
    @GivenCredential() given: Credential | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.welcome(response, await this.accounts.logIn({ phone, address }, password, given));
  }

  @Get('account/signout')
  @Public()
  @UnsafeGet()
  @Doc({ zh: '登出', en: 'Ends this session; a success without one too.' })
  async signout(
    @GivenCredential() given: Credential | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.accounts.signOut(given);
    clearSessionCookie(response, this.config.production);
  }

  @Post('account/signup')
  @Public()
  @RateLimit('login')
  @Doc({
    zh: '手机号密码注册，会设置cookie',
    en: 'Makes an account for a phone and sets the session cookie.',
    answer: USER_EXAMPLE,
    errors: { duplicate: 'this phone is registered already' },
  })
  async signup(
    @Input() { phone, password }: PasswordDto,
    @GivenCredential() given: Credential | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.welcome(response, await this.accounts.signUp(phone, password, given));
  }

  @Post('account/bind')
  @Allow()
  @RateLimit('login')
  @Doc({
    zh: '绑定微信或手机号',
    en: 'Beyond the document: moves the login of the other account of the same person, which must have no history, here.',
    answer: USER_EXAMPLE,
    errors: {
      wrong_password: 'wrong phone or password',
      conflict: 'the other account has orders, products or money of its own',
    },
  })
  async bind(
    @CurrentUser() caller: Principal,
    @Input() { code, phone, password }: BindDto,
    @CallerAddress() address: string,
  ): Promise<object> {
    if (code !== undefined) await this.binding.bindCode(caller.userId, code);
    else if (phone === undefined || password === undefined)
      throw new DomainError('invalid', 'give code, or phone and password');
    else await this.binding.bindPhone(caller.userId, { phone, address }, password);
    return userView(await this.users.getAccount(caller.userId));
  }

  @Get('user')
  @Allow()
  @Doc({
    zh: '获取自己的信息',
    en: 'The caller with his wallet. The user stands under `user` too, where real pages look for it.',
    answer: webBody({ data: USER_EXAMPLE, user: USER_EXAMPLE }),
  })
  async user(@CurrentUser() caller: Principal): Promise<object> {
    const user = userView(await this.users.getAccount(caller.userId));
    return webBody({ data: user, user });
  }

  private async welcome(response: Response, login: CookieLogin): Promise<object> {
    setSessionCookie(response, login.cookie, this.config.production);
    return userView(await this.users.getAccount(login.userId));
  }
}
