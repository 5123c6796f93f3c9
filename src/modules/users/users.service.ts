import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { hasAny, Permission } from '../../common/permission.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import type { SqlValue } from '../../database/sql.js';
import { placeholders } from '../../database/sql.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { WalletService } from '../ledger/wallet.service.js';

export interface Profile {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly avatar: string;
  readonly agent: string;
  readonly gender: number;
  readonly province: string;
  readonly city: string;
  readonly phone: string | null;
  readonly permission: number;
  /** Milliseconds. */
  readonly updatedAt: number;
}

export interface Account extends Profile {
  /** Fen. */
  readonly balance: number;
  /** Fen. */
  readonly coupon: number;
}

/** What a login may bring along; an absent field stays as it is. */
export interface ProfileChange {
  readonly name?: string;
  readonly avatar?: string;
  readonly agent?: string;
  readonly gender?: number;
  readonly province?: string;
  readonly city?: string;
}

export interface IdentityKey {
  readonly appId: string;
  readonly openid: string;
}

export interface SignedInUser {
  readonly id: number;
  readonly uid: string;
  readonly permission: number;
  readonly tokenVersion: number;
}

const PROFILE_COLUMNS =
  'id, uid, name, avatar, agent, gender, province, city, phone, permission, updated_at AS updatedAt';
const SIGNED_IN_COLUMNS = 'u.id, u.uid, u.permission, u.token_version AS tokenVersion';
const NEW_USER_COLUMNS = [
  'uid',
  'name',
  'avatar',
  'agent',
  'gender',
  'province',
  'city',
  'phone',
  'permission',
  'token_version',
  'created_at',
  'updated_at',
] as const;

@Injectable()
export class UsersService {
  private readonly listeners = new Set<(userId: number) => void>();

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly wallets: WalletService,
    private readonly clock: Clock,
  ) {}

  /** Calls `listener` on this instance whenever a user's permission or token version has changed. */
  onAccessChange(listener: (userId: number) => void): void {
    this.listeners.add(listener);
  }

  /**
   * The user of an openid, made at first sight with permission 1. Two first logins at once make one user.
   * `root` gives permission 7.
   */
  async signIn(
    identity: IdentityKey & { readonly unionid: string | null },
    change: ProfileChange,
    root: boolean,
  ): Promise<SignedInUser> {
    const known = await this.findByIdentity(identity);
    if (known) return this.refresh(known, change, root);
    try {
      return await this.transactions.run(async (tx) => {
        const user = await this.create(tx, change, root ? 7 : Permission.User, null);
        await this.addIdentity(tx, user.id, identity);
        return user;
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const winner = await this.findByIdentity(identity);
      if (!winner) throw error;
      return winner;
    }
  }

  /** A new user in `tx`. @throws the driver's duplicate-key error when the phone is taken */
  async create(tx: Tx, change: ProfileChange, permission: number, phone: string | null): Promise<SignedInUser> {
    const uid = randomBytes(12).toString('hex');
    const now = this.clock.now();
    const { name = '', avatar = '', agent = '', gender = 0, province = '', city = '' } = change;
    const values = [uid, name, avatar, agent, gender, province, city, phone, permission, 0, now, now];
    const [id] = await tx.insertMany('users', NEW_USER_COLUMNS, [values]);
    return { id, uid, permission, tokenVersion: 0 };
  }

  async addIdentity(
    tx: Tx,
    userId: number,
    identity: IdentityKey & { readonly unionid: string | null },
  ): Promise<void> {
    await tx.execute(
      'INSERT INTO wechat_identities (app_id, openid, unionid, user_id, created_at) VALUES (?, ?, ?, ?, ?)',
      [identity.appId, identity.openid, identity.unionid, userId, this.clock.now()],
    );
  }

  async findByIdentity({ appId, openid }: IdentityKey): Promise<SignedInUser | null> {
    return this.database.readOne<SignedInUser>(
      `SELECT ${SIGNED_IN_COLUMNS} FROM wechat_identities i JOIN users u ON u.id = i.user_id WHERE i.app_id = ? AND i.openid = ?`,
      [appId, openid],
    );
  }

  /** The id of the user whose identity this is, locked in `tx`. */
  async findOwnerOf(tx: Tx, { appId, openid }: IdentityKey): Promise<number | null> {
    const { rows } = await tx.execute<{ userId: number }>(
      `SELECT user_id AS userId FROM wechat_identities WHERE app_id = ? AND openid = ?${tx.sql.forUpdate}`,
      [appId, openid],
    );
    return rows[0] ? Number(rows[0].userId) : null;
  }

  /** The user's openid inside one WeChat app, to name the payer; null for an account without. */
  async findOpenid(userId: number, appId: string): Promise<string | null> {
    const row = await this.database.readOne<{ openid: string }>(
      'SELECT openid FROM wechat_identities WHERE user_id = ? AND app_id = ? ORDER BY created_at, openid LIMIT 1',
      [userId, appId],
    );
    return row?.openid ?? null;
  }

  async findByPhone(phone: string): Promise<SignedInUser | null> {
    return this.database.readOne<SignedInUser>(`SELECT ${SIGNED_IN_COLUMNS} FROM users u WHERE u.phone = ?`, [phone]);
  }

  /** The user with what his wallet holds. */
  async getAccount(userId: number): Promise<Account> {
    const [profile, wallet] = await Promise.all([this.getProfile(userId), this.wallets.getWallet(userId)]);
    return { ...profile, ...wallet };
  }

  async getProfile(userId: number): Promise<Profile> {
    const [profile] = await this.listProfiles('id', [userId]);
    if (!profile) throw notFound('user');
    return profile;
  }

  /** In no particular order; unknown ones are left out. */
  async listProfiles(by: 'id' | 'uid', keys: readonly (string | number)[]): Promise<Profile[]> {
    if (keys.length === 0) return [];
    return this.database.read<Profile>(
      `SELECT ${PROFILE_COLUMNS} FROM users WHERE ${by} IN (${placeholders(keys.length)})`,
      keys,
    );
  }

  async changeProfile(userId: number, change: ProfileChange): Promise<void> {
    const given = Object.entries(change).filter(([, value]) => value !== undefined) as [string, SqlValue][];
    const assignments = given.map(([column]) => `${column} = ?, `).join('');
    await this.transactions.run(async (tx) => {
      await tx.execute(`UPDATE users SET ${assignments}updated_at = ? WHERE id = ?`, [
        ...given.map(([, value]) => value),
        this.clock.now(),
        userId,
      ]);
    });
  }

  /** @throws DomainError `duplicate` when the phone belongs to another account */
  async bindPhone(userId: number, phone: string): Promise<void> {
    try {
      await this.transactions.run(async (tx) => {
        await tx.execute('UPDATE users SET phone = ?, updated_at = ? WHERE id = ?', [phone, this.clock.now(), userId]);
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw new DomainError('duplicate', 'this phone belongs to another account');
      throw error;
    }
  }

  /**
   * Sets the permission bits; 0 disables the account and ends its tokens for good.
   * @throws DomainError `not_found`; `conflict` when it would leave no root
   */
  async setPermission(userId: number, permission: number): Promise<void> {
    await this.transactions.run((tx) => this.setPermissionIn(tx, userId, permission));
  }

  async setPermissionIn(tx: Tx, userId: number, permission: number): Promise<void> {
    const { rows } = await tx.execute<{ id: number }>(
      `SELECT id FROM users WHERE permission >= ${Permission.Root} ORDER BY id${tx.sql.forUpdate}`,
    );
    const others = rows.filter((row) => Number(row.id) !== userId).length;
    const wasRoot = rows.length > others;
    if (wasRoot && others === 0 && !hasAny(permission, Permission.Root)) {
      throw new DomainError('conflict', 'the last root cannot be demoted');
    }
    const { affected } = await tx.execute(
      'UPDATE users SET permission = ?, token_version = token_version + ?, updated_at = ? WHERE id = ?',
      [permission, permission === 0 ? 1 : 0, this.clock.now(), userId],
    );
    if (affected === 0) throw notFound('user');
    tx.afterCommit(() => this.announce(userId));
  }

  private async refresh(user: SignedInUser, change: ProfileChange, root: boolean): Promise<SignedInUser> {
    const given = Object.values(change).some((value) => value !== undefined);
    if (given && user.permission > 0) await this.changeProfile(user.id, change);
    if (!root || user.permission === 7) return user;
    await this.setPermission(user.id, 7);
    return { ...user, permission: 7 };
  }

  private announce(userId: number): void {
    for (const listener of this.listeners) listener(userId);
  }
}
