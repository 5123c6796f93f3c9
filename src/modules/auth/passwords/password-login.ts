import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { DomainError } from '../../../common/domain-error.js';
import { isDuplicateKey } from '../../../database/errors.js';
import { Transactions, type Tx } from '../../../database/transactions.js';
import { Permission } from '../../../common/permission.js';
import { UsersService, type SignedInUser } from '../../users/users.service.js';
import { LoginLockout, type LoginAttempt } from './login-lockout.js';
import { PasswordHasher } from './password-hasher.js';
import { Password } from './password.entity.js';

/** Phone and password as a credential: sets it at signup, checks it at login. */
@Injectable()
export class PasswordLogin {
  constructor(
    @InjectRepository(Password) private readonly passwords: Repository<Password>,
    private readonly transactions: Transactions,
    private readonly users: UsersService,
    private readonly lockout: LoginLockout,
    private readonly hasher: PasswordHasher,
    private readonly clock: Clock,
  ) {}

  /** A new account with permission 1. @throws DomainError `duplicate` when the phone is known, `too_many_requests` */
  async register<T>(phone: string, password: string, then: (tx: Tx, user: SignedInUser) => Promise<T>): Promise<T> {
    if (await this.users.findByPhone(phone)) throw phoneKnown();
    const hash = await this.hasher.inTurn(() => this.hasher.hash(password));
    try {
      return await this.transactions.run(async (tx) => {
        const user = await this.users.create(tx, {}, Permission.User, phone);
        await tx.manager.insert(Password, { userId: user.id, hash, updatedAt: this.clock.now() });
        return then(tx, user);
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw phoneKnown();
      throw error;
    }
  }

  /**
   * The user whose phone and password these are; clear the phone's failures with `LoginLockout.forgive` afterwards.
   * @throws DomainError `wrong_password` for an unknown phone as for a wrong password, `too_many_requests` while locked out
   */
  async check(attempt: LoginAttempt, password: string): Promise<SignedInUser> {
    await this.lockout.admit(attempt);
    return this.hasher.inTurn(async () => {
      // Again: while this attempt waited for its turn, others may have failed.
      await this.lockout.admit(attempt);
      const user = await this.users.findByPhone(attempt.phone);
      const stored = (await this.passwords.findOneBy({ userId: user?.id ?? 0 }))?.hash ?? null;
      const right = await this.hasher.verify(stored, password);
      if (!user || stored === null || !right) {
        await this.lockout.recordFailure(attempt);
        throw new DomainError('wrong_password', 'wrong phone or password');
      }
      if (this.hasher.isOutdated(stored)) await this.rehash(user.id, stored, password);
      return user;
    });
  }

  /** Gives a user's password to another account, which has none. */
  async move(tx: Tx, fromUserId: number, toUserId: number): Promise<void> {
    await tx.manager.update(Password, { userId: fromUserId }, { userId: toUserId });
  }

  private async rehash(userId: number, stored: string, password: string): Promise<void> {
    const fresh = { hash: await this.hasher.hash(password), updatedAt: this.clock.now() };
    await this.transactions.run((tx) => tx.manager.update(Password, { userId, hash: stored }, fresh));
  }
}

function phoneKnown(): DomainError {
  return new DomainError('duplicate', 'this phone is registered already');
}
