import { Entity, Index } from 'typeorm';
import { Counter, Instant, KeyText, Ref, Small, Text } from '../../database/columns.js';

@Entity('users')
@Index('uq_users_uid', ['uid'], { unique: true })
@Index('uq_users_phone', ['phone'], { unique: true })
@Index('idx_users_permission', ['permission'])
export class User {
  @Counter() id!: number;
  /** The random public id: what other users may see. */
  @Text(32) uid!: string;
  @Text(64) name!: string;
  @Text(1024) avatar!: string;
  /** The client's device, as the liveuser wire sets it. */
  @Text(64) agent!: string;
  /** 0 unknown, 1 male, 2 female. */
  @Small() gender!: number;
  @Text(64) province!: string;
  @Text(64) city!: string;
  /** Digits only; null until bound. */
  @Text(20, { nullable: true }) phone!: string | null;
  /** Bitmask of `Permission`; 0 is disabled. */
  @Small() permission!: number;
  /** Raised when every token must die. */
  @Small() tokenVersion!: number;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}

/** Which user an openid is, inside one WeChat app. */
@Entity('wechat_identities')
@Index('idx_wechat_identities_user', ['userId'])
export class WechatIdentity {
  @KeyText(64) appId!: string;
  @KeyText(128) openid!: string;
  @Text(128, { nullable: true }) unionid!: string | null;
  @Ref() userId!: number;
  @Instant() createdAt!: number;
}
