import { Get } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Allow, CurrentUser, Web } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { webBody } from '../../protocols/web.dialect.js';
import { UsersService } from './users.service.js';
import { USER_EXAMPLE, userView } from './users.web.dto.js';

@Web('user')
export class UsersWebController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Allow()
  @Doc({
    zh: '获取自己的信息',
    en: 'The caller with his wallet. The user stands under `user` too, where real pages look for it.',
    answer: webBody({ data: USER_EXAMPLE, user: USER_EXAMPLE }),
  })
  async user(@CurrentUser() caller: Principal): Promise<object> {
    const user = userView(await this.users.getAccount(caller.userId));
    return webBody({ data: user, user });
  }
}
