import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { CredentialDigest } from '../../../common/secrets/credential-digest.js';
import { DomainError } from '../../../common/domain-error.js';
import { PrincipalCache } from '../../../common/principal-cache.js';
import type { Principal } from '../../../common/principal.js';
import { Config } from '../../../config/config.js';
import { batched } from '../../../database/batched.js';
import { Database } from '../../../database/database.js';
import { byCount, placeholders, type Padded } from '../../../database/sql.js';
import { tableOf } from '../../../database/table.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { signedInColumns, type SignedInUser } from '../../users/users.service.js';
import type { AccessClaims } from './access-tokens.js';
import { LoginSession } from './login-session.entity.js';

const SESSIONS = tableOf(LoginSession);
/** Of a login session `s` and its user `u`: 1 while neither has been ended. */
export const IS_ALIVE = 's.revoked_at IS NULL AND u.permission > 0 AND s.token_version = u.token_version AS alive';

const find = byCount(
  (count) =>
    `SELECT s.id AS sessionId, ${signedInColumns('u')}, ${SESSIONS.select(['expiresAt'], 's')}, ${IS_ALIVE} ` +
    `FROM login_sessions s JOIN users u ON u.id = s.user_id WHERE s.id IN (${placeholders(count)})`,
);
/** With the user's token version as it is now. */
const OPEN =
  `INSERT INTO login_sessions (${SESSIONS.names(['id', 'userId', 'tokenVersion', 'createdAt', 'expiresAt'])}) ` +
  'SELECT ?, id, token_version, ?, ? FROM users WHERE id = ?';

interface StoredSession extends SignedInUser {
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly alive: number;
}

interface LivingSession {
  readonly principal: Principal;
  readonly tokenVersion: number;
  readonly expiresAt: number;
}

/** A cookie session is prolonged when less than this part of its life is left: a write now and then, not one a request. */
const PROLONG_BELOW = 0.9;

/** HOT PATH (docs/performance.md, "Where the speed lives"): login sessions, and whose they are. Who a credential was found to be is evicted as soon as this instance changes it. */
@Injectable()
export class SessionsService {
  /** Of a cookie session its id; one opened for a token has a random id, to which no cookie leads. */
  private readonly cookies: CredentialDigest;
  private readonly find = batched(async (ids: Padded<string>) => {
    const stored = await this.database.read<StoredSession>(find(ids.length), ids);
    return new Map(stored.map((session) => [session.sessionId, session]));
  });

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly principals: PrincipalCache,
    private readonly clock: Clock,
  ) {
    this.cookies = new CredentialDigest(config.jwtSecret, 'session cookie');
  }

  /** Opens a session in `tx`; `lifetime` in seconds. */
  async open(tx: Tx, userId: number, lifetime: number): Promise<string> {
    const id = randomBytes(16).toString('hex');
    await this.insert(tx, id, userId, lifetime);
    return id;
  }

  /** Opens a cookie session in `tx` and returns the cookie's value, of which only a digest is kept. */
  async openCookie(tx: Tx, userId: number): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.insert(tx, this.cookies.of(token), userId, this.config.tokens.session);
    return token;
  }

  /** Ends a login: its access tokens, refresh tokens and cookie are dead. */
  async revoke(sessionId: string): Promise<void> {
    await this.transactions.run((tx) => this.revokeIn(tx, sessionId));
  }

  async revokeIn(tx: Tx, sessionId: string): Promise<void> {
    await tx.execute('UPDATE login_sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [
      this.clock.now(),
      sessionId,
    ]);
    tx.afterCommit(() => this.principals.evictSession(sessionId));
  }

  /** Whose cookie this is; using it prolongs its session. @throws DomainError `invalid_token` */
  async ofCookie(token: string): Promise<Principal> {
    const id = this.cookies.of(token);
    const { principal, expiresAt } = await this.getLiving(id);
    const life = this.config.tokens.session * 1000;
    if (expiresAt - this.clock.now() < life * PROLONG_BELOW) await this.prolong(id, life);
    return principal;
  }

  /** Whose access token these claims were read from. @throws DomainError `invalid_token` when the login has ended */
  async ofToken(claims: AccessClaims): Promise<Principal> {
    const { principal, tokenVersion } = await this.getLiving(claims.sid);
    if (tokenVersion === claims.ver && principal.uid === claims.sub) return principal;
    throw new DomainError('invalid_token', 'the login has ended');
  }

  private async insert(tx: Tx, id: string, userId: number, lifetime: number): Promise<void> {
    const now = this.clock.now();
    await tx.execute(OPEN, [id, now, now + lifetime * 1000, userId]);
  }

  private async prolong(sessionId: string, life: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.execute('UPDATE login_sessions SET expires_at = ? WHERE id = ? AND revoked_at IS NULL', [
        this.clock.now() + life,
        sessionId,
      ]);
    });
  }

  private async getLiving(sessionId: string): Promise<LivingSession> {
    const stored = await this.find(sessionId);
    if (!stored?.alive || stored.expiresAt <= this.clock.now()) {
      throw new DomainError('invalid_token', 'the login has ended');
    }
    const { id: userId, uid, permission, tokenVersion, expiresAt } = stored;
    return { principal: { userId, uid, permission, sessionId }, tokenVersion, expiresAt };
  }
}
