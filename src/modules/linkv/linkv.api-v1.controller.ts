import { Get, Post } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { GoldService } from './gold.service.js';
import { AddAppDto, AppDto, appView, LinkvUserDto, ListAppsDto, userView } from './linkv.api-v1.dto.js';
import { PartnerApps } from './partner-apps.service.js';
import { PartnerUsers } from './partner-users.service.js';

const APP_ID = 'LM6000101140927991745433';
const SECRET = '0123456789abcdef0123456789abcdef';

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
  @Doc({
    zh: '新增合作应用 (仅 Root)',
    en: 'Adds a partner app; its secret is shown this once.',
    answer: { app_id: APP_ID, secret: SECRET },
    errors: { duplicate: 'another app has this channel' },
  })
  async addApp(@Input() input: AddAppDto): Promise<object> {
    const { appId, secret } = await this.apps.add(input.name, input.channel);
    return { app_id: appId, secret };
  }

  @Post('rotateSecret')
  @Allow(Permission.Root)
  @Doc({
    zh: '更换应用密钥 (仅 Root)',
    en: 'A new secret; the present one stays valid for 24 hours.',
    answer: { secret: SECRET },
    errors: { not_found: 'app not found' },
  })
  async rotateSecret(@Input() input: AppDto): Promise<object> {
    return { secret: await this.apps.rotateSecret(input.app_id) };
  }

  @Post('disableApp')
  @Allow(Permission.Root)
  @Doc({ zh: '停用应用 (仅 Root)', en: 'Refuses the app from now on.', errors: { not_found: 'app not found' } })
  async disableApp(@Input() input: AppDto): Promise<void> {
    await this.apps.disable(input.app_id);
  }

  @Get('apps')
  @Allow(Permission.Root)
  @Doc({
    zh: '合作应用列表 (仅 Root)',
    en: 'The partner apps, oldest first; no secrets. `previousSecretUntil` is 0 before the first rotation.',
    answer: {
      apps: [
        {
          app_id: APP_ID,
          name: 'Partner',
          channel: 'partner',
          disabled: false,
          previousSecretUntil: 0,
          createTime: 1597800000,
        },
      ],
    },
  })
  async listApps(@Input() input: ListAppsDto): Promise<object> {
    return { apps: (await this.apps.list(input)).map(appView) };
  }

  @Get('user')
  @Allow(Permission.Root)
  @Doc({
    zh: '合作应用用户的金币 (仅 Root)',
    en: "A partner's user with the lots of coins that are left, first to expire first; `expiresAt` is 0 for never.",
    answer: {
      openId: '11521349611198323293',
      app_id: APP_ID,
      userId: '534961119',
      tokens: 300,
      lots: [{ value: 500, remaining: 300, expiresAt: 1795440618 }],
    },
    errors: { not_found: 'user not found' },
  })
  async user(@Input() input: LinkvUserDto): Promise<object> {
    const user = await this.users.getUser(input.openId);
    return userView(user, await this.gold.listLots(user.openId));
  }
}
