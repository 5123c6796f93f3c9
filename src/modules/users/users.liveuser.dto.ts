import { Nested, PictureUrl, Str, StrList } from '../../protocols/fields.js';
import { ViewMilliseconds } from '../../protocols/view-fields.js';
import type { Profile, ProfileChange } from './users.service.js';

const UID_LENGTH = 64;

/** Object UserRecord as it is sent; `update_at` is the server's own. */
export class UserRecordDto {
  @Str(0, UID_LENGTH, { optional: true }) uid?: string;
  @Str(0, 64, { optional: true, example: '小明' }) name?: string;
  @Str(0, 64, { optional: true, example: 'iPhone' }) agent?: string;
  @PictureUrl({ optional: true }) avatar?: string;
}

export class SetUserDto {
  @Nested(UserRecordDto, { single: true }) user!: UserRecordDto;
}

export class QueryUserDto {
  @StrList(0, 100, { min: 0, max: UID_LENGTH }) uids!: string[];
}

/** `User.Set` replaces: what is left out becomes empty. */
export function replacement({ name = '', agent = '', avatar = '' }: UserRecordDto): ProfileChange {
  return { name, agent, avatar };
}

/** `User.AddUser` writes only what is not empty. */
export function addition({ name, agent, avatar }: UserRecordDto): ProfileChange {
  return { name: name || undefined, agent: agent || undefined, avatar: avatar || undefined };
}

class UserRecordTexts {
  uid!: string;
  name!: string;
  /** The client's device. */
  agent!: string;
  avatar!: string;
}

/** Object UserRecord of docs/api/liveuser.md. */
export class UserRecordView extends UserRecordTexts {
  @ViewMilliseconds() update_at!: number;
}

/** Object UserRecord of docs/api/liveuser-first-edition.md; all but `uid` is empty for a uid that nobody has. */
export class EarlierUserRecordView extends UserRecordTexts {
  /** Unix seconds. */
  update_at!: string;
}

export class OwnUserRecordView {
  user!: UserRecordView;
}

export class EarlierUserRecordsView {
  users!: EarlierUserRecordView[];
}

export const USER_RECORD_EXAMPLE: UserRecordView = {
  uid: '5f0c7a1e9b3d4c2a8e6f1b0d',
  name: '小明',
  agent: 'iPhone',
  update_at: 1605868800000,
  avatar: 'http://xxx/',
};

export function userRecordView({ uid, name, agent, avatar, updatedAt }: Profile): UserRecordView {
  return { uid, name, agent, update_at: updatedAt, avatar };
}

export function earlierUserRecordView(uid: string, profile: Profile | undefined): EarlierUserRecordView {
  if (!profile) return { uid, name: '', agent: '', update_at: '', avatar: '' };
  const { name, agent, avatar, updatedAt } = profile;
  return { uid, name, agent, update_at: String(Math.floor(updatedAt / 1000)), avatar };
}
