import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Ref, Text } from '../../database/columns.js';

/** Which user an openid is, inside one WeChat app. */
@Entity('wechat_identities')
@Index('idx_wechat_identities_user', ['userId'])
export class WechatIdentity {
  @KeyText(64, 'app_id')
  appId!: string;

  @KeyText(128)
  openid!: string;

  @Text(128, { nullable: true })
  unionid!: string | null;

  @Ref('user_id')
  userId!: number;

  @Instant({ name: 'created_at' })
  createdAt!: Date;
}
