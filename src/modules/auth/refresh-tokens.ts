import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { SessionsService } from './sessions.service.js';

interface RefreshRow {
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly successor: string | null;
  readonly userId: number;
  readonly uid: string;
  readonly permission: number;
  readonly tokenVersion: number;
  readonly sessionVersion: number;
  readonly revokedAt: number | null;
}

export interface RenewedLogin {
  readonly refreshToken: string;
  readonly sessionId: string;
  readonly user: { readonly id: number; readonly uid: string; readonly tokenVersion: number };
}

/** A client that lost the reply may ask again with the spent token for this long (milliseconds; wires: liveuser). */
const GRACE = 10_000;

/** Opaque refresh tokens: each is spent once; a spent one that comes back after the grace ends the whole login (RFC 9700 4.14). */
@Injectable()
export class RefreshTokens {
  private readonly key: Buffer;

  constructor(
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', config.jwtSecret, '', 'refresh-token successor', 32));
  }

  async issue(tx: Tx, sessionId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await tx.execute(
      'INSERT INTO refresh_tokens (hash, session_id, expires_at, used_at, successor) VALUES (?, ?, ?, NULL, NULL)',
      [hashOf(token), sessionId, this.clock.now() + this.config.tokens.refresh * 1000],
    );
    return token;
  }

  /** @throws DomainError `invalid_token` for an unknown, expired or stolen token */
  async renew(token: string): Promise<RenewedLogin> {
    const renewed = await this.transactions.run((tx) => this.renewIn(tx, token));
    if (!renewed) throw new DomainError('invalid_token', 'the refresh token is not valid');
    return renewed;
  }

  private async renewIn(tx: Tx, token: string): Promise<RenewedLogin | null> {
    const row = await this.find(tx, token);
    const now = this.clock.now();
    if (!row || row.revokedAt !== null || row.permission === 0 || Number(row.expiresAt) <= now) return null;
    if (row.sessionVersion !== row.tokenVersion) return null;
    const login = {
      sessionId: row.sessionId,
      user: { id: Number(row.userId), uid: row.uid, tokenVersion: row.tokenVersion },
    };
    if (row.usedAt === null) {
      const refreshToken = await this.issue(tx, row.sessionId);
      await tx.execute('UPDATE refresh_tokens SET used_at = ?, successor = ? WHERE hash = ? AND used_at IS NULL', [
        now,
        this.seal(refreshToken),
        hashOf(token),
      ]);
      await tx.execute('UPDATE login_sessions SET expires_at = ? WHERE id = ?', [
        now + this.config.tokens.refresh * 1000,
        row.sessionId,
      ]);
      return { refreshToken, ...login };
    }
    const successor = this.unseal(row.successor ?? '');
    const next = await this.find(tx, successor);
    if (next?.usedAt === null && now - Number(row.usedAt) <= GRACE) return { refreshToken: successor, ...login };
    await this.sessions.revokeIn(tx, row.sessionId);
    return null;
  }

  private async find(tx: Tx, token: string): Promise<RefreshRow | null> {
    const { rows } = await tx.execute<RefreshRow>(
      'SELECT r.session_id AS sessionId, r.expires_at AS expiresAt, r.used_at AS usedAt, r.successor, s.user_id AS userId, ' +
        'u.uid, u.permission, u.token_version AS tokenVersion, s.token_version AS sessionVersion, s.revoked_at AS revokedAt FROM refresh_tokens r ' +
        `JOIN login_sessions s ON s.id = r.session_id JOIN users u ON u.id = s.user_id WHERE r.hash = ?${tx.sql.forUpdate}`,
      [hashOf(token)],
    );
    return rows[0] ?? null;
  }

  private seal(token: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Empty, and so nobody's token, for what was sealed under an earlier secret. */
  private unseal(text: string): string {
    try {
      const bytes = Buffer.from(text, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch {
      return '';
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
