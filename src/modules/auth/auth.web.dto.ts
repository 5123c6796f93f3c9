import { Field, Str } from '../../protocols/fields.js';
import { REFUSED, type Codec } from '../../protocols/scalars.js';
import { ViewFen, ViewId, ViewInt, ViewOneOf } from '../../protocols/view-fields.js';
import type { Account } from '../users/users.service.js';

/** A mainland mobile number, digits only. */
const phone: Codec<string> = {
  decode: (raw) => (typeof raw === 'string' && /^1[3-9]\d{9}$/.test(raw) ? raw : REFUSED),
  rule: 'a mainland mobile number of 11 digits',
  schema: { type: 'string', pattern: '^1[3-9][0-9]{9}$' },
};

export class PasswordDto {
  @Field(phone, { example: '13866654321' }) phone!: string;
  /** Hashed whole, as received. */
  @Str(8, 72, { example: 'correct horse' }) password!: string;
}

export class SigninDto {
  /** Of wx.login(), or of the Open Platform under WECHAT_OAUTH. */
  @Str(1, 256, { example: 'demo-buyer' }) code!: string;
}

export class BindDto {
  /** A WeChat code; without it phone and password. */
  @Str(1, 256, { optional: true, example: 'demo-buyer' }) code?: string;
  @Field(phone, { optional: true }) phone?: string;
  @Str(8, 72, { optional: true }) password?: string;
}

/** 用户信息 */
export class AccountView {
  @ViewId() id!: number;
  name!: string;
  /** 0 unknown, 1 male, 2 female. */
  @ViewOneOf(0, 1, 2) gender!: number;
  province!: string;
  city!: string;
  avatar!: string;
  @ViewFen() balance!: number;
  @ViewFen() coupon!: number;
  /** The digits; 0 until bound. */
  @ViewInt() phone!: number;
}

export const ACCOUNT_EXAMPLE: AccountView = {
  id: 3,
  name: 'FlyInTheSky',
  gender: 1,
  province: '上海',
  city: '上海',
  avatar: 'https://shop.example/a.png',
  balance: 12000,
  coupon: 300,
  phone: 13866654321,
};

export function accountView({ phone, ...account }: Account): AccountView {
  const { id, name, gender, province, city, avatar, balance, coupon } = account;
  const digits = Number((phone ?? '').replace(/\D/g, ''));
  return { id, name, gender, province, city, avatar, balance, coupon, phone: digits };
}
