import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { WechatLoginClient } from '../../integrations/wechat/wechat-login.client.js';
import { UsersService, type ProfileChange, type SignedInUser } from '../users/users.service.js';
import { AccessTokens } from './sessions/access-tokens.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { SessionsService } from './sessions/sessions.service.js';
import { translateWechatError, WechatSignIn } from './wechat-sign-in.js';

export interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Unix seconds at which the access token ends. */
  readonly expiry: number;
  readonly uid: string;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly config: Config,
    private readonly wechat: WechatLoginClient,
    private readonly wechatSignIn: WechatSignIn,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /**
   * Logs in with a mini-program code; `lifetime` of the access token in seconds.
   * @throws DomainError `invalid` when WeChat refuses the code, `forbidden` for a disabled account, `unavailable` while WeChat is away
   */
  async loginWithCode(code: string, change: ProfileChange, lifetime: number): Promise<Login> {
    const identity = await this.wechatSignIn.identifyMiniProgram(code);
    return this.wechatSignIn.signIn({ ...identity, profile: change }, async (tx, user) => {
      const sessionId = await this.sessions.open(tx, user.id, Math.max(lifetime, this.config.tokens.refresh));
      const refreshToken = await this.refreshTokens.issue(tx, sessionId);
      return { ...this.accessOf(user, sessionId, lifetime), refreshToken };
    });
  }

  /** @throws DomainError `invalid_token` for an unknown, expired or stolen refresh token */
  async renew(refreshToken: string, lifetime: number): Promise<Login> {
    const renewed = await this.refreshTokens.renew(refreshToken);
    return { ...this.accessOf(renewed.user, renewed.sessionId, lifetime), refreshToken: renewed.refreshToken };
  }

  async logout(sessionId: string): Promise<void> {
    await this.sessions.revoke(sessionId);
  }

  /** Binds the phone that WeChat vouches for. @throws DomainError `invalid`, `unavailable`, `duplicate` */
  async bindPhone(userId: number, code: string): Promise<void> {
    const openid = await this.users.findOpenid(userId, this.config.wechat.miniProgram.appId);
    if (!openid) throw new DomainError('conflict', 'this account has no mini-program login');
    const { phone } = await translateWechatError(this.wechat.phoneNumber(code, openid));
    await this.users.bindPhone(userId, phone);
  }

  private accessOf(user: Pick<SignedInUser, 'uid' | 'tokenVersion'>, sessionId: string, lifetime: number) {
    const { token, expiry } = this.accessTokens.issue(
      { sub: user.uid, sid: sessionId, ver: user.tokenVersion },
      lifetime,
    );
    return { accessToken: token, expiry, uid: user.uid };
  }
}
