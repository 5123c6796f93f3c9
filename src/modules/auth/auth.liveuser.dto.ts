import { Str } from '../../protocols/fields.js';
import { ViewSeconds } from '../../protocols/view-fields.js';
import type { Login } from './auth.service.js';

export class WxLoginDto {
  /** What wx.login() gave the mini program: five minutes, once. */
  @Str(1, 256, { example: 'demo-buyer' }) code!: string;
}

export class RenewTokenDto {
  @Str(1, 4096) refresh_token!: string;
}

export class RenewalView {
  access_token!: string;
  refresh_token!: string;
  /** When the access token ends. */
  @ViewSeconds() expiry!: number;
}

export class WxLoginView extends RenewalView {
  uid!: string;
}

export const RENEWAL_EXAMPLE: RenewalView = {
  access_token: 'eyJhbGciOiJIUzI1NiIs…',
  refresh_token: 'q1Zb…',
  expiry: 1605872400,
};

export function renewalView(login: Login): RenewalView {
  return { access_token: login.accessToken, refresh_token: login.refreshToken, expiry: login.expiry };
}

export function wxLoginView(login: Login): WxLoginView {
  return { ...renewalView(login), uid: login.uid };
}
