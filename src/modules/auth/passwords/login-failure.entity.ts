import { Entity, Index } from 'typeorm';
import { Counter, Instant, Text } from '../../../database/columns.js';

/** A wrong password, once for the phone and once for the address; deleted after the lock-out window. */
@Entity('login_failures')
@Index('idx_login_failures_subject', ['subject', 'failedAt'])
@Index('idx_login_failures_failed', ['failedAt'])
export class LoginFailure {
  @Counter() id!: number;
  /** `phone:13800138000` or `address:192.0.2.1`. */
  @Text(80) subject!: string;
  @Instant() failedAt!: number;
}
