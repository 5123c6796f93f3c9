import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { CredentialDigest } from '../../../common/secrets/credential-digest.js';
import { DomainError } from '../../../common/domain-error.js';
import { SecretBox } from '../../../common/secrets/secret-box.js';
import { Config } from '../../../config/config.js';
import { tableOf, type Stored } from '../../../database/table.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { signedInColumns, type SignedInUser } from '../../users/users.service.js';
import { LoginSession } from './login-session.entity.js';
import { RefreshToken } from './refresh-token.entity.js';
import { IS_ALIVE, SessionsService } from './sessions.service.js';

const TOKENS = tableOf(RefreshToken);
const SESSIONS = tableOf(LoginSession);

/** A refresh token with the user of its login. */
interface StoredToken extends Omit<RefreshToken, 'hash'>, SignedInUser {
  /** 1 while neither the login nor the account has been ended. */
  readonly alive: number;
}

const FIND =
  `SELECT ${TOKENS.select(TOKENS.without('hash'), 'r')}, ${signedInColumns('u')}, ` +
  `${IS_ALIVE} FROM refresh_tokens r ` +
  'JOIN login_sessions s ON s.id = r.session_id JOIN users u ON u.id = s.user_id WHERE r.hash = ?';

export interface RenewedLogin {
  readonly refreshToken: string;
  readonly sessionId: string;
  readonly user: SignedInUser;
}

/** A client that lost the reply may ask again with the spent token for this long (milliseconds; docs/wires.md, liveuser). */
const GRACE = 10_000;

/**
 * Opaque refresh tokens: each is spent once; a spent one that comes back after the grace ends the whole login (RFC 9700 4.14).
 * Prepared statements, because every client comes back for a token once an hour.
 */
@Injectable()
export class RefreshTokens {
  private readonly box: SecretBox;
  private readonly digest: CredentialDigest;

  constructor(
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
  ) {
    this.box = new SecretBox(config.jwtSecret, 'refresh-token successor');
    this.digest = new CredentialDigest(config.jwtSecret, 'refresh token');
  }

  async issue(tx: Tx, sessionId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const expiresAt = this.expiry();
    await tx.insert(TOKENS, [{ hash: this.digest.of(token), sessionId, expiresAt, usedAt: null, successor: null }]);
    return token;
  }

  /** @throws DomainError `invalid_token` for an unknown, expired or stolen token */
  async renew(token: string): Promise<RenewedLogin> {
    const renewed = await this.transactions.run((tx) => this.renewIn(tx, token));
    if (!renewed) throw new DomainError('invalid_token', 'the refresh token is not valid');
    return renewed;
  }

  private async renewIn(tx: Tx, token: string): Promise<RenewedLogin | null> {
    const stored = await this.find(tx, token);
    const now = this.clock.now();
    if (!stored?.alive || stored.expiresAt <= now) return null;
    const { sessionId, usedAt, id, uid, permission, tokenVersion } = stored;
    const login = { sessionId, user: { id, uid, permission, tokenVersion } };
    if (usedAt === null) return { refreshToken: await this.spend(tx, sessionId, token), ...login };
    // Empty, and so nobody's token, for what was sealed under an earlier secret.
    const successor = this.box.open(sessionId, stored.successor ?? '') ?? '';
    const next = await this.find(tx, successor);
    if (next?.usedAt === null && now - usedAt <= GRACE) return { refreshToken: successor, ...login };
    await this.sessions.revokeIn(tx, sessionId);
    return null;
  }

  /** Issues the successor and prolongs the login. */
  private async spend(tx: Tx, sessionId: string, token: string): Promise<string> {
    const refreshToken = await this.issue(tx, sessionId);
    const spent = TOKENS.assign({ usedAt: this.clock.now(), successor: this.box.seal(sessionId, refreshToken) });
    await tx.execute(`UPDATE refresh_tokens SET ${spent.sql} WHERE hash = ? AND used_at IS NULL`, [
      ...spent.params,
      this.digest.of(token),
    ]);
    const prolonged = SESSIONS.assign({ expiresAt: this.expiry() });
    await tx.execute(`UPDATE login_sessions SET ${prolonged.sql} WHERE id = ?`, [...prolonged.params, sessionId]);
    return refreshToken;
  }

  private async find(tx: Tx, token: string): Promise<StoredToken | null> {
    const { rows } = await tx.execute<Stored<StoredToken>>(`${FIND}${tx.sql.forUpdate}`, [this.digest.of(token)]);
    return TOKENS.rows(rows)[0] ?? null;
  }

  private expiry(): number {
    return this.clock.now() + this.config.tokens.refresh * 1000;
  }
}
