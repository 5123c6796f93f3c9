import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Text } from '../../database/columns.js';

/** A partner's user: the same app and user id always have the same open id. */
@Entity('linkv_users')
@Index('uq_linkv_users_user', ['appId', 'userId'], { unique: true })
export class LinkvUser {
  /** 20 random decimal digits. */
  @KeyText(32) openId!: string;
  @Text(64) appId!: string;
  @Text(64) userId!: string;
  @Text(128) aid!: string;
  @Text(128) name!: string;
  @Text(1024) portrait!: string;
  @Text(128) email!: string;
  @Text(64) country!: string;
  @Text(64) birthday!: string;
  /** As sent: -1 unknown, 1 male, 0 female; empty when never sent. */
  @Text(8) sex!: string;
  /** Digest of the newest live token under the server's secret. */
  @Text(64) tokenHash!: string;
  @Instant() createdAt!: number;
  @Instant() updatedAt!: number;
}
