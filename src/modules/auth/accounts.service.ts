import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Transactions } from '../../database/transactions.js';
import { LoginLockout, type LoginAttempt } from './passwords/login-lockout.js';
import { PasswordLogin } from './passwords/password-login.js';
import { SessionsService } from './sessions/sessions.service.js';
import { WechatSignIn } from './wechat-sign-in.js';

export interface CookieLogin {
  readonly userId: number;
  /** The new session cookie's value. */
  readonly cookie: string;
}

/** Logins that end in a session cookie; each makes a new session and ends the `earlier` one that the browser had. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordLogin,
    private readonly lockout: LoginLockout,
    private readonly wechat: WechatSignIn,
  ) {}

  /** @throws DomainError `duplicate` when the phone is known, `too_many_requests` */
  async signUp(phone: string, password: string, earlier: string | null): Promise<CookieLogin> {
    const login = await this.passwords.register(phone, password, async (tx, user) => ({
      userId: user.id,
      cookie: await this.sessions.openCookie(tx, user.id),
    }));
    await this.signOut(earlier);
    return login;
  }

  /** @throws DomainError `wrong_password`, `too_many_requests` while locked out, `forbidden` for a disabled account */
  async logIn(attempt: LoginAttempt, password: string, earlier: string | null): Promise<CookieLogin> {
    const user = await this.passwords.check(attempt, password);
    if (user.permission === 0) throw new DomainError('forbidden', 'this account is disabled');
    const cookie = await this.transactions.run(async (tx) => {
      await this.lockout.forgive(tx, attempt);
      return this.sessions.openCookie(tx, user.id);
    });
    await this.signOut(earlier);
    return { userId: user.id, cookie };
  }

  /** @throws DomainError `invalid` when WeChat refuses the code, `forbidden` for a disabled account, `unavailable` */
  async signInWithCode(code: string, earlier: string | null): Promise<CookieLogin> {
    const identity = await this.wechat.identifyWeb(code);
    const login = await this.wechat.signIn(identity, async (tx, { id }) => ({
      userId: id,
      cookie: await this.sessions.openCookie(tx, id),
    }));
    await this.signOut(earlier);
    return login;
  }

  /** Ends this login; none is no error. */
  async signOut(sessionId: string | null): Promise<void> {
    if (sessionId !== null) await this.sessions.revoke(sessionId);
  }
}
