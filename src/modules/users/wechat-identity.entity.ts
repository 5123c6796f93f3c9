import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Ref, Text } from '../../database/columns.js';

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
