import { PictureUrl, Str } from '../../protocols/fields.js';
import { ViewSeconds } from '../../protocols/view-fields.js';
import type { Login } from './auth.service.js';

export class CodeLoginDto {
  /** What wx.login() gave the mini program: five minutes, once. */
  @Str(1, 256, { example: 'demo-buyer' }) code!: string;
  @Str(0, 64, { optional: true, example: 'FlyInTheSky' }) nickName?: string;
  @PictureUrl({ optional: true, example: 'http://xxx/' }) avatarUrl?: string;
}

export class RefreshDto {
  @Str(1, 4096) refreshToken!: string;
}

export class PhoneCodeDto {
  /** What the getPhoneNumber button gave the mini program; not the login code. */
  @Str(1, 256) code!: string;
}

export class LoginView {
  token!: string;
  /** Beyond the document: good for one new token. */
  refreshToken!: string;
  /** Beyond the document: when the token ends. */
  @ViewSeconds() expiry!: number;
}

export const LOGIN_EXAMPLE: LoginView = {
  token: 'eyJhbGciOiJIUzI1NiIs…',
  refreshToken: 'q1Zb…',
  expiry: 1531292871,
};

export function loginView(login: Login): LoginView {
  return { token: login.accessToken, refreshToken: login.refreshToken, expiry: login.expiry };
}
