import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SIMULATED_OPENID_PREFIX } from '../config/development.js';
import type { WechatApp } from '../config/wechat.config.js';
import { HTML_ERROR, jsonOf, type SimReply, type SimRequest } from './http.js';
import type { RouteName } from './routes.js';
import type { SimClock } from './sim-clock.js';

export interface SimUser {
  readonly openid: string;
  readonly unionid?: string;
  readonly nickname?: string;
}

interface IssuedCode {
  readonly user: SimUser;
  readonly phone?: string;
  readonly expires: number;
  used: boolean;
}

const CODE_LIFE_MS = 5 * 60_000;
const TOKEN_LIFE_SECONDS = 7200;
const BUSY = -1;

/** The same name always gives the same openid under the same app, shaped like WeChat's: 28 characters. */
export function demoOpenid(name: string, appId: string): string {
  const digest = createHash('sha256').update(`${appId}:${name}`).digest('base64url');
  return `${SIMULATED_OPENID_PREFIX}${digest.slice(0, 23)}`;
}

/** The login side of `api.weixin.qq.com`. */
export class LoginSide {
  private readonly codes = new Map<string, IssuedCode>();
  private readonly grants = new Map<string, SimUser>();
  private busyOnce = new Set<string>();
  private token: { value: string; expires: number; appId: string } | null = null;

  constructor(
    private readonly clock: SimClock,
    /** When given, other app ids answer 40013 and wrong secrets 40125. */
    private readonly apps: readonly WechatApp[] | null,
  ) {}

  /** A code as `wx.login` or, with `phone`, as the phone button would give: once, for five minutes. */
  issueCode(user: SimUser, phone?: string): string {
    const code = `0${randomBytes(15).toString('hex')}`;
    this.codes.set(code, { user, phone, expires: this.clock.now() + CODE_LIFE_MS, used: false });
    return code;
  }

  expireToken(): void {
    this.token = null;
  }

  async handle(route: RouteName, request: SimRequest): Promise<SimReply> {
    if (route === 'stable_token') return this.stableToken(request);
    if (route === 'phone') return this.phone(request);
    if (route === 'userinfo') return this.userInfo(request);
    const code = request.query.get(route === 'jscode2session' ? 'js_code' : 'code') ?? '';
    const appId = request.query.get('appid') ?? '';
    const special = await this.special(code);
    if (special) return special;
    const wrong = this.wrongApp(appId, request.query.get('secret') ?? '');
    if (wrong) return wrong;
    const user = this.userOf(code, appId);
    if (typeof user === 'number') return failure(user);
    if (route === 'jscode2session') {
      return wechatJson({
        openid: user.openid,
        session_key: randomBytes(16).toString('base64'),
        unionid: user.unionid,
      });
    }
    return this.grant(user);
  }

  private userOf(code: string, appId: string): SimUser | number {
    const name = /^demo-(.+)$/u.exec(code)?.[1];
    if (name) return { openid: demoOpenid(name, appId), nickname: name };
    const issued = this.take(code);
    return typeof issued === 'number' ? issued : issued.phone ? 40029 : issued.user;
  }

  private take(code: string): IssuedCode | number {
    const issued = this.codes.get(code);
    if (!issued || issued.expires < this.clock.now()) return 40029;
    if (issued.used) return 40163;
    issued.used = true;
    return issued;
  }

  private grant(user: SimUser): SimReply {
    const token = randomBytes(40).toString('base64url');
    this.grants.set(token, user);
    return wechatJson({
      access_token: token,
      expires_in: TOKEN_LIFE_SECONDS,
      refresh_token: randomBytes(40).toString('base64url'),
      openid: user.openid,
      scope: 'snsapi_userinfo',
      unionid: user.unionid,
    });
  }

  private userInfo(request: SimRequest): SimReply {
    const user = this.grants.get(request.query.get('access_token') ?? '');
    if (!user) return failure(40001);
    if (user.openid !== request.query.get('openid')) return failure(40003);
    return wechatJson({
      openid: user.openid,
      nickname: user.nickname ?? '微信用户',
      sex: user.nickname ? 1 + (user.nickname.length % 2) : 0,
      language: 'zh_CN',
      province: '广东',
      city: '深圳',
      country: '中国',
      headimgurl: `https://thirdwx.qlogo.cn/mmopen/${user.openid}/132`,
      privilege: [],
      unionid: user.unionid,
    });
  }

  private stableToken(request: SimRequest): SimReply {
    const body = jsonOf(request);
    const appId = String(body['appid']);
    const wrong = this.wrongApp(appId, String(body['secret']));
    if (wrong) return wrong;
    if (body['grant_type'] !== 'client_credential') return failure(40002);
    const now = this.clock.now();
    if (!this.token || this.token.expires <= now || body['force_refresh'] === true) {
      this.token = { value: randomBytes(96).toString('base64url'), expires: now + TOKEN_LIFE_SECONDS * 1000, appId };
    }
    return wechatJson({
      access_token: this.token.value,
      expires_in: Math.floor((this.token.expires - now) / 1000),
    });
  }

  /** `phone-13800138000` answers that number for whoever asks, any number of times. */
  private async phone(request: SimRequest): Promise<SimReply> {
    if (!this.token || request.query.get('access_token') !== this.token.value) return failure(40001);
    const body = jsonOf(request);
    const code = String(body['code']);
    const special = await this.special(code);
    if (special) return special;
    const demo = /^phone-(\d{5,15})$/.exec(code)?.[1];
    if (demo) return phoneInfo(demo, this.token.appId, this.clock.now());
    if (code === 'sim-foreign-app') return phoneInfo('13800138000', 'wxffffffffffffffff', this.clock.now());
    const issued = this.codes.get(code);
    if (!issued?.phone || (body['openid'] !== undefined && body['openid'] !== issued.user.openid))
      return failure(40029);
    const taken = this.take(code);
    return typeof taken === 'number' ? failure(taken) : phoneInfo(issued.phone, this.token.appId, this.clock.now());
  }

  private wrongApp(appId: string, secret: string): SimReply | null {
    if (!this.apps) return null;
    const known = this.apps.filter((app) => app.appId === appId);
    if (known.length === 0) return failure(40013);
    return known.some((app) => app.secret === secret) ? null : failure(40125);
  }

  /** `sim-40226`, `sim-45011`, `sim--1` answer that errcode; `sim-busy-once-<x>` is busy the first time; also `sim-slow`, `sim-html`, `sim-empty`, `sim-garbage`. */
  private async special(code: string): Promise<SimReply | null> {
    const errcode = /^sim-(-?\d+)$/.exec(code)?.[1];
    if (errcode) return failure(Number(errcode));
    if (code.startsWith('sim-busy-once') && !this.busyOnce.has(code)) {
      this.busyOnce.add(code);
      return failure(BUSY);
    }
    if (code.startsWith('sim-busy-once')) return wechatJson({ openid: demoOpenid(code, ''), session_key: 'x' });
    if (code === 'sim-slow') await pause(10_000, undefined, { ref: false });
    if (code === 'sim-slow' || code === 'sim-empty') return wechatJson({});
    if (code === 'sim-garbage') return wechatJson('{"openid":"oTrunc');
    return code === 'sim-html' ? HTML_ERROR : null;
  }
}

function phoneInfo(phone: string, appid: string, now: number): SimReply {
  return wechatJson({
    errcode: 0,
    errmsg: 'ok',
    phone_info: {
      phoneNumber: phone,
      purePhoneNumber: phone,
      countryCode: 86,
      watermark: { timestamp: Math.floor(now / 1000), appid },
    },
  });
}

/** WeChat's login side says `text/plain` for its JSON, and so does this one. */
function wechatJson(value: object | string): SimReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

const ERRMSG: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  40001: 'invalid credential, access_token is invalid or not latest',
  40013: 'invalid appid',
  40029: 'invalid code',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40226: 'code blocked',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
};

function failure(errcode: number): SimReply {
  const rid = `${randomBytes(4).toString('hex')}-${randomBytes(4).toString('hex')}-${randomBytes(4).toString('hex')}`;
  return wechatJson({ errcode, errmsg: `${ERRMSG[errcode] ?? 'error'}, rid: ${rid}` });
}
