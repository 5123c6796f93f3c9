import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThanOrEqual, type Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { hasAny, Permission } from '../../common/permission.js';
import { PrincipalCache } from '../../common/principal-cache.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import { insertedId } from '../../database/repositories.js';
import { padded, placeholders } from '../../database/sql.js';
import { tableOf, type Stored } from '../../database/table.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { WalletService } from '../ledger/wallet.service.js';
import { User, WechatIdentity } from './user.entity.js';

const USERS = tableOf(User);
const PROFILE = USERS.without('tokenVersion', 'createdAt');
const SIGNED_IN = ['id', 'uid', 'permission', 'tokenVersion'] as const;
const CHANGEABLE = ['name', 'avatar', 'agent', 'gender', 'province', 'city'] as const;

export type Profile = Pick<User, (typeof PROFILE)[number]>;
export type SignedInUser = Pick<User, (typeof SIGNED_IN)[number]>;
/** A profile with what the wallet holds. */
export type Account = Profile & Awaited<ReturnType<WalletService['getWallet']>>;
/** What a login may bring along; an absent field stays as it is. */
export type ProfileChange = Partial<ChangeableProfile>;
type ChangeableProfile = Pick<User, (typeof CHANGEABLE)[number]>;
export type IdentityKey = Pick<WechatIdentity, 'appId' | 'openid'>;
export type Identity = IdentityKey & Pick<WechatIdentity, 'unionid'>;

/** The columns of a {@link SignedInUser}, for a statement that joins users as `alias`. */
export function signedInColumns(alias: string): string {
  return USERS.select(SIGNED_IN, alias);
}

const SELECT_PROFILES = `SELECT ${USERS.select(PROFILE)} FROM users`;
const FIND_BY_IDENTITY =
  `SELECT ${USERS.select([...SIGNED_IN, ...CHANGEABLE], 'u')} FROM wechat_identities i JOIN users u ON u.id = i.user_id ` +
  'WHERE i.app_id = ? AND i.openid = ?';
const FIND_PERMISSION = 'SELECT permission FROM users WHERE id = ?';
const FIND_OPENID =
  'SELECT openid FROM wechat_identities WHERE user_id = ? AND app_id = ? ORDER BY created_at, openid LIMIT 1';

/** Users and their WeChat identities. What every login, payment and list of orders reads is a prepared statement, because it is hot. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly wallets: WalletService,
    private readonly principals: PrincipalCache,
    private readonly clock: Clock,
  ) {}

  /**
   * Logs the user of an openid in by `open`, in one transaction with what the login changes of him. He is made at first sight with
   * permission 1; two first logins at once make one user. `root` gives permission 7.
   */
  async signIn<T>(
    identity: Identity,
    change: ProfileChange,
    root: boolean,
    open: (tx: Tx, user: SignedInUser) => Promise<T>,
  ): Promise<T> {
    const known = await this.findByIdentity(identity);
    if (known) return this.transactions.run(async (tx) => open(tx, await this.refresh(tx, known, change, root)));
    try {
      return await this.transactions.run(async (tx) => {
        const user = await this.create(tx, change, root ? 7 : Permission.User, null);
        await this.addIdentity(tx, user.id, identity);
        return open(tx, user);
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const winner = await this.findByIdentity(identity);
      if (!winner) throw error;
      return this.transactions.run((tx) => open(tx, winner));
    }
  }

  /** A new user in `tx`. @throws the driver's duplicate-key error when the phone is taken */
  async create(tx: Tx, change: ProfileChange, permission: number, phone: string | null): Promise<SignedInUser> {
    const uid = randomBytes(12).toString('hex');
    const now = this.clock.now();
    const { name = '', avatar = '', agent = '', gender = 0, province = '', city = '' } = change;
    const profile = { uid, name, avatar, agent, gender, province, city, phone, permission };
    const created = await tx.manager.insert(User, { ...profile, tokenVersion: 0, createdAt: now, updatedAt: now });
    return { id: insertedId(created), uid, permission, tokenVersion: 0 };
  }

  async addIdentity(tx: Tx, userId: number, { appId, openid, unionid }: Identity): Promise<void> {
    await tx.manager.insert(WechatIdentity, { appId, openid, unionid, userId, createdAt: this.clock.now() });
  }

  async findByIdentity({ appId, openid }: IdentityKey): Promise<(SignedInUser & ChangeableProfile) | null> {
    const rows = await this.database.read<Stored<SignedInUser & ChangeableProfile>>(FIND_BY_IDENTITY, [appId, openid]);
    return USERS.rows(rows)[0] ?? null;
  }

  /** The id of the user whose identity this is, locked in `tx`. */
  async findOwnerOf(tx: Tx, { appId, openid }: IdentityKey): Promise<number | null> {
    const identity = await tx.manager.findOne(WechatIdentity, { where: { appId, openid }, lock: tx.rowLock });
    return identity?.userId ?? null;
  }

  /**
   * Holds the account in `tx`: until the commit nobody gives it up for another one. To be called before anything that must keep its
   * owner is written. @throws DomainError `invalid_token` for one that has been disabled, as the next request would
   */
  async holdActive(tx: Tx, id: number): Promise<void> {
    const { rows } = await tx.execute<Pick<User, 'permission'>>(`${FIND_PERMISSION}${tx.sql.forUpdate}`, [id]);
    if (!rows[0]?.permission) throw new DomainError('invalid_token', 'the login has ended');
  }

  /** The user's openid inside one WeChat app, to name the payer; null for an account without. */
  async findOpenid(userId: number, appId: string): Promise<string | null> {
    const row = await this.database.readOne<Pick<WechatIdentity, 'openid'>>(FIND_OPENID, [userId, appId]);
    return row?.openid ?? null;
  }

  async findByPhone(phone: string): Promise<SignedInUser | null> {
    return this.users.findOneBy({ phone });
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
  async listProfiles<K extends 'id' | 'uid'>(by: K, keys: readonly User[K][]): Promise<Profile[]> {
    if (keys.length === 0) return [];
    const asked = padded(keys);
    const rows = await this.database.read<Stored<Profile>>(
      `${SELECT_PROFILES} WHERE ${by} IN (${placeholders(asked.length)})`,
      asked,
    );
    return USERS.rows(rows);
  }

  async changeProfile(id: number, change: ProfileChange): Promise<void> {
    await this.transactions.run((tx) => this.changeProfileIn(tx, id, change));
  }

  /** @throws DomainError `duplicate` when the phone belongs to another account */
  async bindPhone(id: number, phone: string): Promise<void> {
    const updatedAt = this.clock.now();
    try {
      await this.transactions.run((tx) => tx.manager.update(User, { id }, { phone, updatedAt }));
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

  async setPermissionIn(tx: Tx, id: number, permission: number): Promise<void> {
    const roots = await tx.manager.find(User, {
      select: { id: true },
      where: { permission: MoreThanOrEqual(Permission.Root) },
      order: { id: 'ASC' },
      lock: tx.rowLock,
    });
    const isLastRoot = roots.length === 1 && roots[0].id === id;
    if (isLastRoot && !hasAny(permission, Permission.Root)) {
      throw new DomainError('conflict', 'the last root cannot be demoted');
    }
    const ended = permission === 0 ? { tokenVersion: () => 'token_version + 1' } : {};
    const updatedAt = this.clock.now();
    const { affected } = await tx.manager.update(User, { id }, { permission, ...ended, updatedAt });
    if (affected === 0) throw notFound('user');
    tx.afterCommit(() => this.principals.clear());
  }

  private async changeProfileIn(tx: Tx, id: number, change: ProfileChange): Promise<void> {
    const { sql, params } = USERS.assign({ ...change, updatedAt: this.clock.now() });
    await tx.execute(`UPDATE users SET ${sql} WHERE id = ?`, [...params, id]);
  }

  private async refresh(
    tx: Tx,
    user: SignedInUser & ChangeableProfile,
    change: ProfileChange,
    root: boolean,
  ): Promise<SignedInUser> {
    const changed = CHANGEABLE.some((field) => change[field] !== undefined && change[field] !== user[field]);
    if (changed && user.permission > 0) await this.changeProfileIn(tx, user.id, change);
    if (!root || user.permission === 7) return user;
    await this.setPermissionIn(tx, user.id, 7);
    return { ...user, permission: 7 };
  }
}
