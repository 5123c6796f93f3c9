import { Str } from '../../protocols/fields.js';
import type { Login } from './auth.service.js';

export class WxLoginDto {
  /** What wx.login() gave the mini program: five minutes, once. */
  @Str(1, 256, { example: 'demo-buyer' })
  code!: string;
}

export class RenewTokenDto {
  @Str(1, 4096)
  refresh_token!: string;
}

export function renewalView(login: Login): object {
  return { access_token: login.accessToken, refresh_token: login.refreshToken, expiry: login.expiry };
}

export function wxLoginView(login: Login): object {
  return { ...renewalView(login), uid: login.uid };
}
