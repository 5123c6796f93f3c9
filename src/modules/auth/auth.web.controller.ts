import { Get, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import {
  Allow,
  CallerAddress,
  CurrentSession,
  CurrentUser,
  Envelope,
  Input,
  OptionalLogin,
  RateLimit,
  UnsafeGet,
  Web,
} from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { clearSessionCookie, setSessionCookie } from '../../protocols/session-cookie.js';
import { UsersService } from '../users/users.service.js';
import { AccountsService, type CookieLogin } from './accounts.service.js';
import { ACCOUNT_EXAMPLE, AccountView, accountView, BindDto, PasswordDto, SigninDto } from './auth.web.dto.js';
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
  @OptionalLogin()
  @RateLimit('login')
  @UnsafeGet()
  @Doc<AccountView>({
    zh: '微信登录，会设置cookie',
    en: 'Signs in with a WeChat code and sets the session cookie. Refused to pages of other sites and to navigation.',
    answer: ACCOUNT_EXAMPLE,
    errors: { forbidden: 'this account is disabled' },
  })
  async signin(
    @Input() input: SigninDto,
    @CurrentSession('cookie') earlier: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AccountView> {
    return this.startSession(response, await this.accounts.signInWithCode(input.code, earlier));
  }

  @Post('account/login')
  @OptionalLogin()
  @RateLimit('login')
  @Doc<AccountView>({
    zh: '手机号密码登录，会设置cookie',
    en: 'Logs in with phone and password and sets the session cookie. After five failures attempts are refused for a while.',
    answer: ACCOUNT_EXAMPLE,
    errors: { wrong_password: 'wrong phone or password', too_many_requests: 'too many attempts, try again later' },
  })
  async login(
    @Input() { phone, password }: PasswordDto,
    @CallerAddress() address: string,
    @CurrentSession('cookie') earlier: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AccountView> {
    return this.startSession(response, await this.accounts.logIn({ phone, address }, password, earlier));
  }

  @Get('account/signout')
  @OptionalLogin()
  @UnsafeGet()
  @Doc({ zh: '登出', en: 'Ends this session; a success without one too.' })
  async signout(
    @CurrentSession() session: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.accounts.signOut(session);
    clearSessionCookie(response, this.config.production);
  }

  @Post('account/signup')
  @OptionalLogin()
  @RateLimit('login')
  @Doc<AccountView>({
    zh: '手机号密码注册，会设置cookie',
    en: 'Makes an account for a phone and sets the session cookie.',
    answer: ACCOUNT_EXAMPLE,
    errors: { duplicate: 'this phone is registered already' },
  })
  async signup(
    @Input() { phone, password }: PasswordDto,
    @CurrentSession('cookie') earlier: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AccountView> {
    return this.startSession(response, await this.accounts.signUp(phone, password, earlier));
  }

  @Post('account/bind')
  @Allow()
  @RateLimit('login')
  @Doc<AccountView>({
    zh: '绑定微信或手机号',
    en: 'Beyond the document: moves the login of the other account of the same person, which must have no history, here.',
    answer: ACCOUNT_EXAMPLE,
    errors: {
      wrong_password: 'wrong phone or password',
      conflict: 'the other account has orders, products or money of its own',
    },
  })
  async bind(
    @CurrentUser() caller: Principal,
    @Input() { code, phone, password }: BindDto,
    @CallerAddress() address: string,
  ): Promise<AccountView> {
    if (code !== undefined) await this.binding.bindCode(caller.userId, code);
    else if (phone === undefined || password === undefined)
      throw new DomainError('invalid', 'give code, or phone and password');
    else await this.binding.bindPhone(caller.userId, { phone, address }, password);
    return accountView(await this.users.getAccount(caller.userId));
  }

  @Get('user')
  @Allow()
  @Envelope({ alias: 'user' })
  @Doc<AccountView>({
    zh: '获取自己的信息',
    en: 'The caller with his wallet. The user stands under `user` too, where real pages look for it.',
    answer: ACCOUNT_EXAMPLE,
  })
  async user(@CurrentUser() caller: Principal): Promise<AccountView> {
    return accountView(await this.users.getAccount(caller.userId));
  }

  private async startSession(response: Response, login: CookieLogin): Promise<AccountView> {
    setSessionCookie(response, login.cookie, this.config.production);
    return accountView(await this.users.getAccount(login.userId));
  }
}
