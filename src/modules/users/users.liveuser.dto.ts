import { Nested, PictureUrl, Str, StrList } from '../../protocols/fields.js';
import type { Profile, ProfileChange } from './users.service.js';

const UID_LENGTH = 64;

/** Object UserRecord as it is sent; `update_at` is the server's own. */
export class UserRecordDto {
  @Str(0, UID_LENGTH, { optional: true })
  uid?: string;

  @Str(0, 64, { optional: true, example: '小明' })
  name?: string;

  @Str(0, 64, { optional: true, example: 'iPhone' })
  agent?: string;

  @PictureUrl({ optional: true })
  avatar?: string;
}

export class SetUserDto {
  @Nested(UserRecordDto, { single: true })
  user!: UserRecordDto;
}

export class QueryUserDto {
  @StrList(0, 100, { min: 0, max: UID_LENGTH })
  uids!: string[];
}

/** `User.Set` replaces: what is left out becomes empty. */
export function replacement({ name = '', agent = '', avatar = '' }: UserRecordDto): ProfileChange {
  return { name, agent, avatar };
}

/** `User.AddUser` writes only what is not empty. */
export function addition({ name, agent, avatar }: UserRecordDto): ProfileChange {
  const given = Object.entries({ name, agent, avatar }).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given);
}

/** Seed 000: `update_at` is int64 milliseconds. */
export function userRecordView(profile: Profile): object {
  const { uid, name, agent, avatar } = profile;
  return { uid, name, agent, update_at: Number(profile.updatedAt), avatar };
}

/** Seed 001, the earlier edition: `update_at` is a string of seconds; a uid that nobody has is all empty. */
export function earlierUserRecordView(uid: string, profile: Profile | undefined): object {
  if (!profile) return { uid, name: '', agent: '', update_at: '', avatar: '' };
  const { name, agent, avatar } = profile;
  return { uid, name, agent, update_at: String(Math.floor(Number(profile.updatedAt) / 1000)), avatar };
}
