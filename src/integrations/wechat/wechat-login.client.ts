import type { WechatConfig } from '../../config/wechat.config.js';
import { AccessToken } from './access-token.js';
import { asObject, textOf, type JsonObject } from './json.js';
import { WechatApi } from './wechat-api.js';
import { WechatError } from './wechat-error.js';

export interface WechatSession {
  readonly openid: string;
  readonly unionid: string | null;
}

/** What Open Platform OAuth tells about a user. WeChat may leave anything but the openid empty. */
export interface WechatOauthUser extends WechatSession {
  readonly nickname: string;
  /** 0 unknown, 1 male, 2 female. */
  readonly sex: 0 | 1 | 2;
  readonly province: string;
  readonly city: string;
  /** A URL to store and show, never to fetch. */
  readonly avatar: string;
}

const PHONE_NUMBER = { lane: 'other', path: '/wxa/business/getuserphonenumber' } as const;
const OPENID = /^[\w-]{1,64}$/;

/** WeChat's login side (`api.weixin.qq.com`). Every method raises {@link WechatError} and nothing else for what WeChat or the network does. */
export class WechatLoginClient {
  private readonly api: WechatApi;
  private readonly token: AccessToken;

  constructor(
    private readonly config: WechatConfig,
    monotonic: () => number = () => performance.now(),
  ) {
    this.api = new WechatApi(config.apiBase, config.timeoutSeconds * 1000);
    this.token = new AccessToken(this.api, config.miniProgram, monotonic);
  }

  /** Mini-program login. The session_key is dropped here. A code works once, so a second try with it is refused with 40163. */
  async codeToSession(code: string): Promise<WechatSession> {
    const { appId: appid, secret } = this.config.miniProgram;
    const grant = { appid, secret, js_code: code, grant_type: 'authorization_code' };
    return sessionOf(await this.api.call({ lane: 'login', path: '/sns/jscode2session', query: grant }));
  }

  /** Open Platform login under the mobile app (codes of APP and web login, not of `wx.login`). */
  async oauthUser(code: string): Promise<WechatOauthUser> {
    const { appId: appid, secret } = this.config.mobileApp;
    const query = { appid, secret, code, grant_type: 'authorization_code' };
    const grant = await this.api.call({ lane: 'login', path: '/sns/oauth2/access_token', query });
    const { openid, unionid } = sessionOf(grant);
    const accessToken = textOf(grant['access_token']);
    if (!accessToken) throw new WechatError('unavailable', 'malformed');
    const who = { access_token: accessToken, openid, lang: 'zh_CN' };
    const user = await this.api.call({ lane: 'login', path: '/sns/userinfo', query: who });
    if (user['openid'] !== openid) throw new WechatError('refused', 'no_openid');
    const sex = Number(user['sex']);
    return {
      openid,
      unionid: textOf(user['unionid']) ?? unionid,
      nickname: textOf(user['nickname']) ?? '',
      sex: sex === 1 || sex === 2 ? sex : 0,
      province: textOf(user['province']) ?? '',
      city: textOf(user['city']) ?? '',
      avatar: textOf(user['headimgurl']) ?? '',
    };
  }

  /**
   * Exchanges the code of the `getPhoneNumber` button (not a login code). WeChat checks that it belongs to `openid`.
   * `phone` has no country prefix for mainland numbers and WeChat's prefixed form for others.
   */
  async phoneNumber(code: string, openid: string): Promise<{ phone: string; countryCode: string }> {
    const reply = await this.token.use((token) =>
      this.api.call({ ...PHONE_NUMBER, caller: openid, query: { access_token: token }, body: { code, openid } }),
    );
    const info = asObject(reply['phone_info']);
    if (asObject(info?.['watermark'])?.['appid'] !== this.config.miniProgram.appId) {
      throw new WechatError('refused', 'foreign_app');
    }
    const country = info?.['countryCode'];
    const countryCode = typeof country === 'number' ? String(country) : (textOf(country) ?? '');
    const phone = textOf(countryCode === '86' ? info?.['purePhoneNumber'] : info?.['phoneNumber']);
    if (!phone || !/^\+?[\d -]{5,20}$/.test(phone)) throw new WechatError('refused', 'no_phone');
    return { phone, countryCode };
  }
}

function sessionOf(reply: JsonObject): WechatSession {
  const openid = textOf(reply['openid']);
  if (!openid || !OPENID.test(openid)) throw new WechatError('refused', 'no_openid');
  return { openid, unionid: textOf(reply['unionid']) };
}
