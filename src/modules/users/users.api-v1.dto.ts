import { Id, Int } from '../../protocols/fields.js';
import { ViewId, ViewInt } from '../../protocols/view-fields.js';
import type { Profile } from './users.service.js';

export class ModifyPermissionDto {
  @Id({ example: 3 }) userId!: number;
  /** Sum of 1 user, 2 merchant, 4 root; 0 disables the account. */
  @Int(0, 7, { example: 1 }) permission!: number;
}

export class ProfileView {
  nickName!: string;
  avatarUrl!: string;
  /** Empty until bound. */
  phoneNumber!: string;
  /** Sum of 1 user, 2 merchant, 4 root. */
  @ViewInt(0, 7) permission!: number;
  /** Beyond the document. */
  @ViewId() userId!: number;
}

export const PROFILE_EXAMPLE: ProfileView = {
  nickName: 'FlyInTheSky',
  avatarUrl: 'http://xxx/',
  phoneNumber: '13866654321',
  permission: 3,
  userId: 3,
};

export function profileView({ id, name, avatar, phone, permission }: Profile): ProfileView {
  return { nickName: name, avatarUrl: avatar, phoneNumber: phone ?? '', permission, userId: id };
}
