import { From, Length, Str } from '../../protocols/fields.js';
import { toSeconds } from '../../protocols/scalars.js';
import { ViewInt, ViewSeconds } from '../../protocols/view-fields.js';
import type { Lot } from './gold.service.js';
import { NEVER } from './gold-lots.js';
import type { LinkvUser } from './linkv-user.entity.js';
import type { PartnerAppRecord } from './partner-apps.service.js';

export class AddAppDto {
  @Str(1, 64, { example: 'Partner' }) name!: string;
  /** What the app sends as `channel`; no other app may have it. */
  @Str(1, 64, { example: 'partner' }) channel!: string;
}

export class AppDto {
  @Str(1, 64, { example: 'LM6000101140927991745433' }) app_id!: string;
}

export class ListAppsDto {
  @From() from = 0;
  @Length() length = 100;
}

export class LinkvUserDto {
  @Str(1, 32, { example: '11521349611198323293' }) openId!: string;
}

export class AppSecretView {
  /** Shown this once. */
  secret!: string;
}

export class NewAppView extends AppSecretView {
  app_id!: string;
}

export class AppView {
  app_id!: string;
  name!: string;
  /** What the app sends as `channel`. */
  channel!: string;
  disabled!: boolean;
  /** Until when the secret before the last rotation is good. */
  @ViewSeconds() previousSecretUntil!: number;
  @ViewSeconds() createTime!: number;
}

export class AppListView {
  apps!: AppView[];
}

export class LotView {
  /** Coins at first. */
  @ViewInt(1) value!: number;
  /** Coins left. */
  @ViewInt() remaining!: number;
  /** 0 for never. */
  @ViewSeconds() expiresAt!: number;
}

export class PartnerUserView {
  openId!: string;
  app_id!: string;
  /** The user's id in the partner's app. */
  userId!: string;
  /** Coins that have not expired. */
  @ViewInt() tokens!: number;
  /** First to expire first, at most 1000 of them. */
  lots!: LotView[];
}

export const NEW_APP_EXAMPLE: NewAppView = {
  app_id: 'LM6000101140927991745433',
  secret: '0123456789abcdef0123456789abcdef',
};

export const APP_EXAMPLE: AppView = {
  app_id: NEW_APP_EXAMPLE.app_id,
  name: 'Partner',
  channel: 'partner',
  disabled: false,
  previousSecretUntil: 0,
  createTime: 1597800000,
};

export const PARTNER_USER_EXAMPLE: PartnerUserView = {
  openId: '11521349611198323293',
  app_id: NEW_APP_EXAMPLE.app_id,
  userId: '534961119',
  tokens: 300,
  lots: [{ value: 500, remaining: 300, expiresAt: 1795440618 }],
};

export function appView(app: PartnerAppRecord): AppView {
  return {
    app_id: app.appId,
    name: app.name,
    channel: app.alias,
    disabled: app.disabledAt !== null,
    previousSecretUntil: toSeconds(app.previousUntil),
    createTime: toSeconds(app.createdAt),
  };
}

export function partnerUserView(user: LinkvUser, tokens: number, lots: readonly Lot[]): PartnerUserView {
  return {
    openId: user.openId,
    app_id: user.appId,
    userId: user.userId,
    tokens,
    lots: lots.map(({ value, remaining, expiresAt }) => ({
      value,
      remaining,
      expiresAt: expiresAt === NEVER ? 0 : toSeconds(expiresAt),
    })),
  };
}
