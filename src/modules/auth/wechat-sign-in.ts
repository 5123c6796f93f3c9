import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import type { Tx } from '../../database/transactions.js';
import { WechatError } from '../../integrations/wechat/wechat-error.js';
import { WechatLoginClient } from '../../integrations/wechat/wechat-login.client.js';
import { UsersService, type ProfileChange, type SignedInUser } from '../users/users.service.js';

/** Who a WeChat code is, and what WeChat says about him. */
export interface WechatIdentityProof {
  readonly appId: string;
  readonly openid: string;
  readonly unionid: string | null;
  readonly profile: ProfileChange;
}

const MAX_NAME = 64;
const MAX_AVATAR = 1024;

/** Turns WeChat codes into users. @throws DomainError `invalid` when WeChat refuses the code, `unavailable` while it is away */
@Injectable()
export class WechatSignIn {
  constructor(
    private readonly config: Config,
    private readonly wechat: WechatLoginClient,
    private readonly users: UsersService,
  ) {}

  /** A code of `wx.login`. */
  async identifyMiniProgram(code: string): Promise<WechatIdentityProof> {
    const { openid, unionid } = await translateWechatError(this.wechat.codeToSession(code));
    return { appId: this.config.wechat.miniProgram.appId, openid, unionid, profile: {} };
  }

  /** A code of the web wire: an Open Platform one under `WECHAT_OAUTH`, otherwise the mini program's. */
  async identifyWeb(code: string): Promise<WechatIdentityProof> {
    if (!this.config.wechat.oauth) return this.identifyMiniProgram(code);
    const { openid, unionid, sex, ...user } = await translateWechatError(this.wechat.oauthUser(code));
    const profile = {
      name: some(user.nickname, MAX_NAME),
      avatar: some(user.avatar, MAX_AVATAR),
      province: some(user.province, MAX_NAME),
      city: some(user.city, MAX_NAME),
      gender: sex === 0 ? undefined : sex,
    };
    return { appId: this.config.wechat.mobileApp.appId, openid, unionid, profile };
  }

  /**
   * Logs in the user of an identity, made at first sight, by `open` in the same transaction.
   * @throws DomainError `forbidden` for a disabled account
   */
  async signIn<T>(identity: WechatIdentityProof, open: (tx: Tx, user: SignedInUser) => Promise<T>): Promise<T> {
    const root = this.config.rootOpenids.includes(identity.openid);
    return this.users.signIn(identity, identity.profile, root, (tx, user) => {
      if (user.permission === 0) throw new DomainError('forbidden', 'this account is disabled');
      return open(tx, user);
    });
  }
}

/** WeChat leaves out what the user hides: nothing then replaces what we know. */
function some(text: string, max: number): string | undefined {
  return text === '' ? undefined : Array.from(text.toWellFormed().replaceAll('\0', '')).slice(0, max).join('');
}

/** WeChat's refusals in our own words: its errmsg is for logs. */
export async function translateWechatError<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    if (error.kind === 'refused') throw new DomainError('invalid', 'WeChat refused this code, ask it for a new one');
    throw new DomainError('unavailable', 'WeChat is not available', { retryAfter: 5, cause: error });
  }
}
