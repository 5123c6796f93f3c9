import { Entity, Index } from 'typeorm';
import { Instant, KeyText, Text } from '../../../database/columns.js';

/** A refresh token, known by its digest under the server's secret only; each is spent once and names its successor. */
@Entity('refresh_tokens')
@Index('idx_refresh_tokens_session', ['sessionId'])
@Index('idx_refresh_tokens_expires', ['expiresAt'])
export class RefreshToken {
  @KeyText(64) hash!: string;
  @Text(64) sessionId!: string;
  @Instant() expiresAt!: number;
  @Instant({ nullable: true }) usedAt!: number | null;
  /** Encrypted, for a client that lost the reply and asks again within the grace. */
  @Text(255, { nullable: true }) successor!: string | null;
}
