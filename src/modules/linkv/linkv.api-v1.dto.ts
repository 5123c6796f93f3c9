import { From, Length, Str } from '../../protocols/fields.js';
import { toSeconds } from '../../protocols/scalars.js';
import type { Lot } from './gold.service.js';
import { NEVER } from './gold-lots.js';
import type { PartnerAppRecord } from './partner-apps.service.js';
import type { PartnerUser } from './partner-users.service.js';

export class AddAppDto {
  @Str(1, 64, { example: 'Partner' })
  name!: string;

  /** What the app sends as `channel`; no other app may have it. */
  @Str(1, 64, { example: 'partner' })
  channel!: string;
}

export class AppDto {
  @Str(1, 64, { example: 'LM6000101140927991745433' })
  app_id!: string;
}

export class ListAppsDto {
  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export class LinkvUserDto {
  @Str(1, 32, { example: '11521349611198323293' })
  openId!: string;
}

export function appView(app: PartnerAppRecord): object {
  return {
    app_id: app.appId,
    name: app.name,
    channel: app.alias,
    disabled: app.disabledAt !== null,
    previousSecretUntil: toSeconds(app.previousUntil),
    createTime: toSeconds(app.createdAt),
  };
}

export function userView(user: PartnerUser, lots: readonly Lot[]): object {
  return {
    openId: user.openId,
    app_id: user.appId,
    userId: user.userId,
    tokens: lots.reduce((sum, lot) => sum + Number(lot.remaining), 0),
    lots: lots.map(({ value, remaining, expiresAt }) => ({
      value: Number(value),
      remaining: Number(remaining),
      expiresAt: Number(expiresAt) === NEVER ? 0 : toSeconds(expiresAt),
    })),
  };
}
