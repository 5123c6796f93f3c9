import { ApiProperty } from '@nestjs/swagger';
import { DomainError } from '../../common/domain-error.js';
import { Field, fieldNames, Int, OneOf, type FieldOptions } from '../../protocols/fields.js';
import { REFUSED, type Codec } from '../../protocols/scalars.js';
import type { Coins } from '../ledger/chart-of-accounts.js';
import type { GoldChange, OrderedGoldChange } from './gold.service.js';
import { NEVER } from './gold-lots.js';
import type { PartnerApp } from './partner-apps.service.js';
import type { PartnerProfile } from './partner-users.service.js';

const MAX_COINS = 1_000_000_000_000;
/** Seconds at the end of the year 9999; a time beyond it means never. */
const LAST_SECOND = 253_402_300_799;

function pattern(rule: RegExp, sentence: string): Codec<string> {
  return {
    decode: (raw) => (typeof raw === 'string' && rule.test(raw) ? raw : REFUSED),
    rule: sentence,
    schema: { type: 'string', pattern: rule.source },
  };
}

/** Lengths of this document are bytes. */
function bytes(max: number): Codec<string> {
  return {
    decode: (raw) => {
      const fits = typeof raw === 'string' && raw !== '' && Buffer.byteLength(raw) <= max && !raw.includes('\0');
      return fits ? raw : REFUSED;
    },
    rule: `text of 1 to ${max} bytes`,
    schema: { type: 'string', maxLength: max },
  };
}

/** Unix seconds as the SDKs send them: Python as a decimal, Node as two numbers run together; milliseconds inside. */
const expiry: Codec<number> = {
  decode: (raw) => {
    const match = typeof raw === 'string' ? /^(\d{1,20})(?:\.\d{1,20})?$/.exec(raw) : null;
    if (!match) return REFUSED;
    const seconds = Number(match[1]);
    return seconds > LAST_SECOND ? NEVER : seconds * 1000;
  },
  rule: 'Unix seconds',
  schema: { type: 'string', format: 'unix-time', pattern: String.raw`^\d{1,20}(\.\d{1,20})?$` },
};

const key = pattern(/^[A-Za-z0-9_.:-]{1,64}$/, '1 to 64 letters, digits or _ . : -');
const Bytes = (max: number, options: FieldOptions = {}): PropertyDecorator => Field(bytes(max), options);
/** Required by the document; only `LINKV_LENIENT` lets it be missing. */
const RequiredUnlessLenient = (codec: Codec<unknown>, options: FieldOptions): PropertyDecorator => {
  const field = Field(codec, { ...options, optional: true });
  return (target, key) => {
    field(target, key);
    ApiProperty({ required: true })(target, key);
  };
};

class SignedDto {
  /** LinkV 分配的 app_id */
  @Bytes(64, { example: 'LM6000101140927991745433' }) app_id!: string;
  /** 8 random characters, 10 digits of Unix seconds, 8 random characters; at most 300 s from now. */
  @Bytes(64, { example: 'a1B2c3D41600000000e5F6g7H8' }) nonce_str!: string;
  /** MD5 signature over all parameters; the page /docs/open/sign makes one. */
  @Bytes(64, { example: 'a68820969a7fcd756d737165de643ebb' }) sign!: string;
}

export class TokenDto extends SignedDto {
  /** The user's id in the partner's app. */
  @Field(pattern(/^[A-Za-z0-9+=_-]{1,64}$/, '1 to 64 letters, digits or + = - _'), { example: '534961119' })
  userId!: string;
  @Bytes(128, { example: 'dsafdsf23wadfaad' }) aid!: string;
  /** Required when the user is new. */
  @Bytes(128, { optional: true, example: 'FlyInTheSky' }) name?: string;
  /** Required when the user is new. */
  @Bytes(1024, { optional: true, example: 'https://example.com/portrait.png' }) portraitUri?: string;
  @Bytes(128, { optional: true }) email?: string;
  @Bytes(64, { optional: true }) countryCode?: string;
  /** Such as 2010-01-01. */
  @Bytes(64, { optional: true }) birthday?: string;
  /** -1 unknown, 1 male, 0 female. */
  @OneOf(['-1', '0', '1'], { optional: true }) sex?: string;
}

export class UserTokensDto extends SignedDto {
  /** live_open_id */
  @Field(pattern(/^\d{1,32}$/, 'an open id'), { example: '11521349611198323293' }) uid!: string;
}

export class ChangeGoldDto extends UserTokensDto {
  /** Makes a repeat harmless, per app and over all routes. */
  @Field(key, { example: '6000101140927991745433-a1b2c3d4e' }) request_id!: string;
  /** 1 adds, 2 takes. */
  @Int(1, 2, { example: 1 }) type!: 1 | 2;
  @Int(1, MAX_COINS, { example: 500 }) value!: Coins;
  /** When the added coins expire. */
  @RequiredUnlessLenient(expiry, { example: '1795440618' }) expriation?: number;
  @Bytes(255, { optional: true }) reason?: string;
}

export class OrderSuccessDto extends ChangeGoldDto {
  @RequiredUnlessLenient(key, { example: 'order-1' }) order_id?: string;
  /** US cents. */
  @Int(0, Number.MAX_SAFE_INTEGER, { example: 99 }) money!: number;
  /** LinkV 分配的 live_app_alias */
  @Bytes(64, { example: 'livemall' }) channel!: string;
  @OneOf(['h5', 'ios', 'android'], { example: 'ios' }) platform!: string;
}

/** Values travel unescaped in the signed text: one that spells another parameter could share its signature. */
const HIDDEN_PARAMETER = new RegExp(
  `&(?:${['key', ...fieldNames(TokenDto), ...fieldNames(OrderSuccessDto)].join('|')})=`,
);

/** @throws DomainError `invalid` */
export function refuseHiddenParameters(sent: Readonly<Record<string, string>>): void {
  if (Object.values(sent).some((value) => HIDDEN_PARAMETER.test(value))) {
    throw new DomainError('invalid', 'a value spells another parameter');
  }
}

export function profileOf({ aid, name, portraitUri, email, countryCode, birthday, sex }: TokenDto): PartnerProfile {
  return { aid, name, portrait: portraitUri, email, country: countryCode, birthday, sex };
}

/** @throws DomainError `invalid` */
export function goldChange(app: PartnerApp, hash: string, input: ChangeGoldDto, lenient: boolean): GoldChange {
  if (input.expriation === undefined && !lenient) throw new DomainError('invalid', 'expriation is required');
  return {
    appId: app.appId,
    openId: input.uid,
    requestId: input.request_id,
    contentHash: hash,
    type: input.type,
    value: input.value,
    expiresAt: input.expriation ?? NEVER,
    reason: input.reason,
  };
}

/** @throws DomainError `invalid` */
export function orderedGoldChange(
  app: PartnerApp,
  hash: string,
  input: OrderSuccessDto,
  lenient: boolean,
): OrderedGoldChange {
  const { order_id: orderId = null, money, platform, channel } = input;
  if (orderId === null && !lenient) throw new DomainError('invalid', 'order_id is required');
  if (channel !== app.alias) throw new DomainError('invalid', "channel must be the app's alias");
  return { ...goldChange(app, hash, input, lenient), orderId, money, platform };
}

export class TokenView {
  token!: string;
  /** As sent. */
  userId!: string;
  /** As sent. */
  aid!: string;
  /** Of this user, always the same. */
  openId!: string;
}

/** Coins are text. */
export class TokensView {
  tokens!: string;
  /** The same; the Node SDK reads this name. */
  livemeTokens!: string;
}

export const TOKEN_EXAMPLE: TokenView = {
  token: 'asdsaddfa3234234ada2adsf',
  userId: '534961119',
  aid: 'dsafdsf23wadfaad',
  openId: '115213496111983232934',
};

export const TOKENS_EXAMPLE: TokensView = { tokens: '123', livemeTokens: '123' };

export function tokensView(tokens: Coins): TokensView {
  return { tokens: String(tokens), livemeTokens: String(tokens) };
}
