import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Ref, Small } from '../../../database/columns.js';

/** One login on one device: its access tokens, refresh tokens and cookie live and die with this row. */
@Entity('login_sessions')
@Index('idx_login_sessions_user', ['userId'])
@Index('idx_login_sessions_expires', ['expiresAt'])
export class LoginSession {
  /** Random; of a cookie session the digest of its cookie under the server's secret. */
  @KeyText(64) id!: string;
  @Ref() userId!: number;
  /** The user's at login; a disabled account's sessions stay dead when it is enabled again. */
  @Small() tokenVersion!: number;
  @Instant() createdAt!: number;
  @Instant() expiresAt!: number;
  @Instant({ nullable: true }) revokedAt!: number | null;
}
