import { Post } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import { Allow, CurrentUser, Input, LiveUser } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  addition,
  EarlierUserRecordsView,
  earlierUserRecordView,
  OwnUserRecordView,
  QueryUserDto,
  replacement,
  SetUserDto,
  USER_RECORD_EXAMPLE,
  userRecordView,
  type UserRecordDto,
} from './users.liveuser.dto.js';
import { UsersService } from './users.service.js';

@LiveUser('User')
export class UsersLiveuserController {
  constructor(private readonly users: UsersService) {}

  @Post('Set')
  @Allow()
  @Doc({
    zh: '新增或更新自己的用户信息',
    en: "Replaces the caller's name, agent and avatar; an omitted one becomes empty.",
    errors: { forbidden: "another user's uid" },
  })
  async set(@CurrentUser() caller: Principal, @Input() { user }: SetUserDto): Promise<void> {
    refuseForeign(caller, user);
    await this.users.changeProfile(caller.userId, replacement(user));
  }

  @Post('Get')
  @Allow()
  @Doc<OwnUserRecordView>({
    zh: '获取自己的用户信息',
    en: 'The caller; `update_at` in milliseconds.',
    answer: { user: USER_RECORD_EXAMPLE },
  })
  async get(@CurrentUser() caller: Principal): Promise<OwnUserRecordView> {
    return { user: userRecordView(await this.users.getProfile(caller.userId)) };
  }

  @Post('AddUser')
  @Allow()
  @Doc({
    zh: '新增或更新用户信息',
    en: 'Earlier edition: writes the fields that are not empty; the uid is the caller’s or empty.',
    errors: { forbidden: "another user's uid" },
  })
  async addUser(@CurrentUser() caller: Principal, @Input() { user }: SetUserDto): Promise<void> {
    refuseForeign(caller, user);
    await this.users.changeProfile(caller.userId, addition(user));
  }

  @Post('QueryUser')
  @Allow()
  @Doc<EarlierUserRecordsView>({
    zh: '查询用户信息',
    en: 'Earlier edition: up to 100 users in the order asked; `update_at` is a string of seconds; an unknown uid has empty fields.',
    answer: { users: [{ ...USER_RECORD_EXAMPLE, update_at: '1605868800' }] },
  })
  async queryUser(@Input() { uids }: QueryUserDto): Promise<EarlierUserRecordsView> {
    const profiles = await this.users.listProfiles('uid', [...new Set(uids)]);
    const byUid = new Map(profiles.map((profile) => [profile.uid, profile]));
    return { users: uids.map((uid) => earlierUserRecordView(uid, byUid.get(uid))) };
  }
}

function refuseForeign(caller: Principal, { uid }: UserRecordDto): void {
  if (uid && uid !== caller.uid) throw new DomainError('forbidden', "another user's uid");
}
