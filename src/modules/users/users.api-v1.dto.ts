import { Id, Int } from '../../protocols/fields.js';
import type { Profile } from './users.service.js';

export class ModifyPermissionDto {
  @Id({ example: 3 })
  userId!: number;

  /** Sum of 1 user, 2 merchant, 4 root; 0 disables the account. */
  @Int(0, 7, { example: 1 })
  permission!: number;
}

export function profileView(profile: Profile): object {
  return {
    nickName: profile.name,
    avatarUrl: profile.avatar,
    phoneNumber: profile.phone ?? '',
    permission: profile.permission,
    userId: Number(profile.id),
  };
}
