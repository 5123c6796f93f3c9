import { Get, Post } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { ModifyPermissionDto, PROFILE_EXAMPLE, profileView, ProfileView } from './users.api-v1.dto.js';
import { UsersService } from './users.service.js';

@ApiV1('user')
export class UsersApiV1Controller {
  constructor(private readonly users: UsersService) {}

  @Get('profile')
  @Allow()
  @Doc<ProfileView>({
    zh: '获取用户信息',
    en: 'The caller. `userId` is beyond the document.',
    answer: PROFILE_EXAMPLE,
  })
  async profile(@CurrentUser() user: Principal): Promise<ProfileView> {
    return profileView(await this.users.getProfile(user.userId));
  }

  @Post('modifyPermission')
  @Allow(Permission.Root)
  @Doc({
    zh: '修改用户权限 (仅 Root)',
    en: 'Sets the permission bits of a user; takes effect at once.',
    errors: { not_found: 'user not found', conflict: 'the last root cannot be demoted' },
  })
  async modifyPermission(@Input() input: ModifyPermissionDto): Promise<void> {
    await this.users.setPermission(input.userId, input.permission);
  }
}
