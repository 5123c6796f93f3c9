import { Entity, Index } from 'typeorm';
import { Counter, Instant, Text } from '../../../database/columns.js';

/** A wrong password, once for the phone from this address, once for the address, once for the phone; deleted after the lock-out window. */
@Entity('login_failures')
@Index('idx_login_failures_subject', ['subject', 'failedAt'])
@Index('idx_login_failures_failed', ['failedAt'])
export class LoginFailure {
  @Counter() id!: number;
  /** `phone:13800138000@192.0.2.1`, `address:192.0.2.1` or `phone:13800138000`. */
  @Text(80) subject!: string;
  @Instant() failedAt!: number;
}
