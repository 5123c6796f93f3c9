import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { Credential } from '../../common/principal.js';
import { Transactions } from '../../database/transactions.js';
import { LoginLockout, type LoginAttempt } from './login-lockout.js';
import { PasswordLogin } from './password-login.js';
import { SessionsService } from './sessions.service.js';
import { WechatSignIn } from './wechat-sign-in.js';

export interface CookieLogin {
  readonly userId: number;
  /** The new session cookie's value. */
  readonly cookie: string;
}

/** Logins that end in a session cookie; each makes a new session and ends the one that the browser had. */
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
  async signUp(phone: string, password: string, given: Credential | null): Promise<CookieLogin> {
    const login = await this.passwords.register(phone, password, async (tx, user) => ({
      userId: user.id,
      cookie: await this.sessions.openCookie(tx, user.id),
    }));
    await this.endCookie(given);
    return login;
  }

  /** @throws DomainError `wrong_password`, `too_many_requests` while locked out, `forbidden` for a disabled account */
  async logIn(attempt: LoginAttempt, password: string, given: Credential | null): Promise<CookieLogin> {
    const user = await this.passwords.check(attempt, password);
    if (user.permission === 0) throw new DomainError('forbidden', 'this account is disabled');
    const cookie = await this.transactions.run(async (tx) => {
      await this.lockout.forgive(tx, attempt.phone);
      return this.sessions.openCookie(tx, user.id);
    });
    await this.endCookie(given);
    return { userId: user.id, cookie };
  }

  /** @throws DomainError `invalid` when WeChat refuses the code, `forbidden` for a disabled account, `unavailable` */
  async signInWithCode(code: string, given: Credential | null): Promise<CookieLogin> {
    const user = await this.wechat.userOf(await this.wechat.ofWeb(code));
    const cookie = await this.transactions.run((tx) => this.sessions.openCookie(tx, user.id));
    await this.endCookie(given);
    return { userId: user.id, cookie };
  }

  /** Ends the login that the credential stands for; one that is dead already, or none, is no error. */
  async signOut(given: Credential | null): Promise<void> {
    if (!given) return;
    try {
      const { sessionId } = await this.sessions.authenticate(given);
      await this.sessions.revoke(sessionId);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invalid_token') throw error;
    }
  }

  private async endCookie(given: Credential | null): Promise<void> {
    if (given?.kind === 'cookie') await this.signOut(given);
  }
}
