import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Text } from '../../database/columns.js';

/** A partner's user: the same app and user id always have the same open id. */
@Entity('linkv_users')
@Index('uq_linkv_users_user', ['appId', 'userId'], { unique: true })
export class LinkvUser {
  /** 20 random decimal digits. */
  @KeyText(32, 'open_id')
  openId!: string;

  @Text(64, { name: 'app_id' })
  appId!: string;

  @Text(64, { name: 'user_id' })
  userId!: string;

  @Text(128)
  aid!: string;

  @Text(128)
  name!: string;

  @Text(1024)
  portrait!: string;

  @Text(128)
  email!: string;

  @Text(64)
  country!: string;

  @Text(64)
  birthday!: string;

  /** As sent: -1 unknown, 1 male, 0 female; empty when never sent. */
  @Text(8)
  sex!: string;

  /** SHA-256 of the newest live token. */
  @Text(64, { name: 'token_hash' })
  tokenHash!: string;

  @Instant({ name: 'created_at' })
  createdAt!: Date;

  @Instant({ name: 'updated_at' })
  updatedAt!: Date;
}
