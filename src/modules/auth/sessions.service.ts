import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { Authenticator, type Credential, type Principal } from '../../common/principal.js';
import { Database } from '../../database/database.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './access-tokens.js';

interface SessionState {
  readonly principal: Principal;
  readonly tokenVersion: number;
  readonly dead: boolean;
}

interface SessionRow {
  readonly userId: number;
  readonly uid: string;
  readonly permission: number;
  readonly tokenVersion: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

/** How long this instance believes what it read (milliseconds): another instance's change is seen within a second. */
const BELIEVED_FOR = 900;
const MAX_REMEMBERED = 20_000;

/** Login sessions, and who a credential is. What this instance changes it forgets at once. */
@Injectable()
export class SessionsService extends Authenticator implements OnModuleInit {
  private readonly states = new Map<string, { until: number; state: Promise<SessionState | null> }>();

  constructor(
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
    const now = this.clock.now();
    await tx.execute(
      'INSERT INTO login_sessions (id, user_id, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, NULL)',
      [id, userId, now, now + lifetime * 1000],
    );
    return id;
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
    const claims = this.tokens.verify(credential.token);
    const state = await this.state(claims.sid);
    if (!state || state.dead || state.tokenVersion !== claims.ver || state.principal.uid !== claims.sub) {
      throw new DomainError('invalid_token', 'the login has ended');
    }
    return state.principal;
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
      'SELECT s.user_id AS userId, u.uid, u.permission, u.token_version AS tokenVersion, s.expires_at AS expiresAt, s.revoked_at AS revokedAt ' +
        'FROM login_sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?',
      [sessionId],
    );
    if (!row) return null;
    const { userId, uid, permission, tokenVersion } = row;
    const dead = row.revokedAt !== null || Number(row.expiresAt) <= this.clock.now() || permission === 0;
    return { principal: { userId: Number(userId), uid, permission, sessionId }, tokenVersion, dead };
  }
}
