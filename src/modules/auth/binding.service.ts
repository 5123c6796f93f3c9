import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { AccountTransferService } from '../users/account-transfer.service.js';
import { UsersService } from '../users/users.service.js';
import { LoginLockout, type LoginAttempt } from './passwords/login-lockout.js';
import { PasswordLogin } from './passwords/password-login.js';
import { WechatSignIn } from './wechat-sign-in.js';

/** Joins a phone account and a WeChat account of the person who proves that both are his. */
@Injectable()
export class BindingService {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: UsersService,
    private readonly transfer: AccountTransferService,
    private readonly passwords: PasswordLogin,
    private readonly lockout: LoginLockout,
    private readonly wechat: WechatSignIn,
  ) {}

  /**
   * Adds the WeChat login of the code to the account.
   * @throws DomainError `invalid` when WeChat refuses the code; `conflict` when the account has such a login, or the code's account has a history
   */
  async bindCode(userId: number, code: string): Promise<void> {
    const identity = await this.wechat.identifyWeb(code);
    const present = await this.users.findOpenid(userId, identity.appId);
    await this.transactions.run(async (tx) => {
      const owner = await this.users.findOwnerOf(tx, identity);
      if (owner === userId) return;
      if (present !== null) throw new DomainError('conflict', 'this account has a WeChat login already');
      if (owner === null) await this.users.addIdentity(tx, userId, identity);
      else await this.absorb(tx, owner, userId);
    });
  }

  /**
   * Moves the phone and password of the other account here.
   * @throws DomainError `wrong_password`, `too_many_requests` while locked out; `conflict` when this account has a phone, or the other one a history
   */
  async bindPhone(userId: number, attempt: LoginAttempt, password: string): Promise<void> {
    const other = await this.passwords.check(attempt, password);
    await this.transactions.run(async (tx) => {
      await this.lockout.forgive(tx, attempt);
      if (other.id === userId) return;
      const moved = await this.absorb(tx, other.id, userId);
      if (moved !== attempt.phone) throw new DomainError('conflict', 'this account has a phone already');
    });
  }

  /** Returns the phone if it has moved. */
  private async absorb(tx: Tx, fromId: number, intoId: number): Promise<string | null> {
    const phone = await this.transfer.absorb(tx, fromId, intoId);
    if (phone !== null) await this.passwords.move(tx, fromId, intoId);
    return phone;
  }
}
