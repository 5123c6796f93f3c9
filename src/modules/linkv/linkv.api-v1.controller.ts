import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1, IdempotencyKey, Idempotent, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { GoldService } from './gold.service.js';
import {
  AddAppDto,
  APP_EXAMPLE,
  AppDto,
  AppListView,
  appView,
  LinkvUserDto,
  ListAppsDto,
  NEW_APP_EXAMPLE,
  NewAppView,
  PARTNER_USER_EXAMPLE,
  PartnerUserView,
  partnerUserView,
  AppSecretView,
} from './linkv.api-v1.dto.js';
import { PartnerApps } from './partner-apps.service.js';
import { PartnerUsers } from './partner-users.service.js';

/** Beyond the documents: the operator's side of the open wire. */
@ApiV1('linkv')
export class LinkvApiV1Controller {
  constructor(
    private readonly apps: PartnerApps,
    private readonly users: PartnerUsers,
    private readonly gold: GoldService,
  ) {}

  @Post('addApp')
  @Allow(Permission.Root)
  @Doc<NewAppView>({
    zh: '新增合作应用 (仅 Root)',
    en: 'Adds a partner app; its secret is shown this once.',
    answer: NEW_APP_EXAMPLE,
    errors: { duplicate: 'another app has this channel' },
  })
  async addApp(@Input() input: AddAppDto): Promise<NewAppView> {
    const { appId, secret } = await this.apps.add(input.name, input.channel);
    return { app_id: appId, secret };
  }

  @Post('rotateSecret')
  @Allow(Permission.Root)
  @Idempotent()
  @Doc<AppSecretView>({
    zh: '更换应用密钥 (仅 Root)',
    en: 'A new secret; the present one stays valid for 24 hours. Asked again under its key, or without one before the new secret was used, it is the same.',
    answer: { secret: NEW_APP_EXAMPLE.secret },
    errors: { not_found: 'app not found', key_reused: 'this Idempotency-Key was used for another request' },
  })
  async rotateSecret(@Input() input: AppDto, @IdempotencyKey() ref: IdempotencyRef | null): Promise<AppSecretView> {
    return { secret: await this.apps.rotateSecret(ref, input.app_id) };
  }

  @Post('disableApp')
  @Allow(Permission.Root)
  @Doc({ zh: '停用应用 (仅 Root)', en: 'Refuses the app from now on.', errors: { not_found: 'app not found' } })
  async disableApp(@Input() input: AppDto): Promise<void> {
    await this.apps.disable(input.app_id);
  }

  @Get('apps')
  @Allow(Permission.Root)
  @Doc<AppListView>({
    zh: '合作应用列表 (仅 Root)',
    en: 'The partner apps, oldest first; no secrets. `previousSecretUntil` is 0 before the first rotation.',
    answer: { apps: [APP_EXAMPLE] },
  })
  async listApps(@Input() input: ListAppsDto): Promise<AppListView> {
    return { apps: (await this.apps.list(input)).map(appView) };
  }

  @Get('user')
  @Allow(Permission.Root)
  @Doc<PartnerUserView>({
    zh: '合作应用用户的金币 (仅 Root)',
    en: "A partner's user with the lots of coins that are left, first to expire first, at most 1000; `expiresAt` is 0 for never.",
    answer: PARTNER_USER_EXAMPLE,
    errors: { not_found: 'user not found' },
  })
  async user(@Input() input: LinkvUserDto): Promise<PartnerUserView> {
    const user = await this.users.getUser(input.openId);
    const tokens = await this.gold.balance(user.appId, user.openId);
    return partnerUserView(user, tokens, await this.gold.listLots(user.openId));
  }
}
