import { createHash, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Authenticator, type Credential, type Principal } from '../../common/principal.js';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './access-tokens.js';

interface SessionState {
  readonly principal: Principal;
  readonly tokenVersion: number;
  readonly expiresAt: number;
  readonly dead: boolean;
}

interface SessionRow {
  readonly userId: number;
  readonly uid: string;
  readonly permission: number;
  readonly tokenVersion: number;
  readonly sessionVersion: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

/** How long this instance believes what it read (milliseconds): another instance's change is seen within a second. */
const BELIEVED_FOR = 900;
const MAX_REMEMBERED = 20_000;
/** A cookie session is prolonged when less than this part of its life is left: a write now and then, not one a request. */
const PROLONG_BELOW = 0.9;

/** Login sessions, and who a credential is. What this instance changes it forgets at once. */
@Injectable()
export class SessionsService extends Authenticator implements OnModuleInit {
  private readonly states = new Map<string, { until: number; state: Promise<SessionState | null> }>();

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly tokens: AccessTokens,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {
    super();
  }

  onModuleInit(): void {
    this.users.onAccessChange(() => this.states.clear());
  }

  /** Opens a session in `tx`; `lifetime` in seconds. */
  async open(tx: Tx, userId: number, lifetime: number): Promise<string> {
    const id = randomBytes(16).toString('hex');
    await this.insert(tx, id, userId, lifetime);
    return id;
  }

  /** Opens a cookie session in `tx` and answers the cookie's value, of which only the SHA-256 is kept. */
  async openCookie(tx: Tx, userId: number): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.insert(tx, cookieSessionId(token), userId, this.config.tokens.session);
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
    tx.afterCommit(() => this.states.delete(sessionId));
  }

  async authenticate(credential: Credential): Promise<Principal> {
    return credential.kind === 'cookie' ? this.ofCookie(credential.token) : this.ofBearer(credential.token);
  }

  private async ofCookie(token: string): Promise<Principal> {
    const id = cookieSessionId(token);
    const state = await this.state(id);
    if (!state || state.dead) throw new DomainError('invalid_token', 'the login has ended');
    const life = this.config.tokens.session * 1000;
    if (state.expiresAt - this.clock.now() < life * PROLONG_BELOW) await this.prolong(id, life);
    return state.principal;
  }

  private async ofBearer(token: string): Promise<Principal> {
    const claims = this.tokens.verify(token);
    const state = await this.state(claims.sid);
    if (!state || state.dead || state.tokenVersion !== claims.ver || state.principal.uid !== claims.sub) {
      throw new DomainError('invalid_token', 'the login has ended');
    }
    return state.principal;
  }

  private async insert(tx: Tx, id: string, userId: number, lifetime: number): Promise<void> {
    const now = this.clock.now();
    await tx.execute(
      'INSERT INTO login_sessions (id, user_id, token_version, created_at, expires_at, revoked_at) ' +
        'SELECT ?, id, token_version, ?, ?, NULL FROM users WHERE id = ?',
      [id, now, now + lifetime * 1000, userId],
    );
  }

  private async prolong(sessionId: string, life: number): Promise<void> {
    this.states.delete(sessionId);
    await this.transactions.run(async (tx) => {
      await tx.execute('UPDATE login_sessions SET expires_at = ? WHERE id = ? AND revoked_at IS NULL', [
        this.clock.now() + life,
        sessionId,
      ]);
      tx.afterCommit(() => this.states.delete(sessionId));
    });
  }

  private state(sessionId: string): Promise<SessionState | null> {
    const now = this.clock.now();
    const known = this.states.get(sessionId);
    if (known && known.until > now) return known.state;
    const state = this.readState(sessionId);
    if (this.states.size >= MAX_REMEMBERED) this.states.clear();
    this.states.set(sessionId, { until: now + BELIEVED_FOR, state });
    state.catch(() => this.states.delete(sessionId));
    return state;
  }

  private async readState(sessionId: string): Promise<SessionState | null> {
    const row = await this.database.readOne<SessionRow>(
      'SELECT s.user_id AS userId, u.uid, u.permission, u.token_version AS tokenVersion, s.token_version AS sessionVersion, s.expires_at AS expiresAt, s.revoked_at AS revokedAt ' +
        'FROM login_sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?',
      [sessionId],
    );
    if (!row) return null;
    const { userId, uid, permission, tokenVersion } = row;
    const expiresAt = Number(row.expiresAt);
    const ended = row.revokedAt !== null || expiresAt <= this.clock.now();
    const dead = ended || permission === 0 || row.sessionVersion !== tokenVersion;
    return { principal: { userId: Number(userId), uid, permission, sessionId }, tokenVersion, expiresAt, dead };
  }
}

/** A session opened for a token has a random id: no cookie leads to it. */
function cookieSessionId(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
