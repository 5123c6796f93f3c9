import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import { Transactions } from '../../database/transactions.js';

/** What a partner tells about its user; an absent field keeps what is stored. */
export interface PartnerProfile {
  readonly aid: string;
  readonly name?: string;
  readonly portrait?: string;
  readonly email?: string;
  readonly country?: string;
  readonly birthday?: string;
  readonly sex?: string;
}

export interface PartnerUser {
  readonly openId: string;
  readonly appId: string;
  readonly userId: string;
}

const PROFILE_COLUMNS = ['aid', 'name', 'portrait', 'email', 'country', 'birthday', 'sex'] as const;
const OPEN_ID_DIGITS = 20;
const MAX_REMEMBERED = 50_000;

/** The partners' users. Which app an open id belongs to never changes. */
@Injectable()
export class PartnerUsers {
  /** App by open id. */
  private readonly owners = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * The user's open id, made at first sight, and a new live token.
   * @throws DomainError `invalid` when a new user comes without name or portrait
   */
  async issueToken(
    appId: string,
    userId: string,
    profile: PartnerProfile,
  ): Promise<{ readonly openId: string; readonly token: string }> {
    const token = randomBytes(32).toString('base64url');
    const openId = (await this.findOpenId(appId, userId)) ?? (await this.register(appId, userId, profile));
    const given = PROFILE_COLUMNS.filter((column) => profile[column] !== undefined);
    await this.transactions.run(async (tx) => {
      await tx.execute(
        `UPDATE linkv_users SET ${given.map((column) => `${column} = ?, `).join('')}token_hash = ?, updated_at = ? WHERE open_id = ?`,
        [...given.map((column) => profile[column]!), hashOf(token), this.clock.now(), openId],
      );
    });
    return { openId, token };
  }

  /** @throws DomainError `invalid` for an open id that is unknown or another app's: the caller learns no difference */
  async requireOwn(appId: string, openId: string): Promise<void> {
    const owner = this.owners.get(openId) ?? (await this.findUser(openId))?.appId;
    if (owner !== appId) throw new DomainError('invalid', 'unknown uid');
    if (this.owners.size >= MAX_REMEMBERED) this.owners.clear();
    this.owners.set(openId, owner);
  }

  /** @throws DomainError `not_found` */
  async getUser(openId: string): Promise<PartnerUser> {
    const user = await this.findUser(openId);
    if (!user) throw notFound('user');
    return user;
  }

  private async findUser(openId: string): Promise<PartnerUser | null> {
    return this.database.readOne<PartnerUser>(
      'SELECT open_id AS openId, app_id AS appId, user_id AS userId FROM linkv_users WHERE open_id = ?',
      [openId],
    );
  }

  private async findOpenId(appId: string, userId: string): Promise<string | null> {
    const row = await this.database.readOne<{ openId: string }>(
      'SELECT open_id AS openId FROM linkv_users WHERE app_id = ? AND user_id = ?',
      [appId, userId],
    );
    return row?.openId ?? null;
  }

  /** Two first requests at once make one user. */
  private async register(appId: string, userId: string, profile: PartnerProfile): Promise<string> {
    if (!profile.name || !profile.portrait) throw new DomainError('invalid', 'a new user needs a name and a portrait');
    const openId = newOpenId();
    const now = this.clock.now();
    try {
      await this.transactions.run((tx) =>
        tx.insertMany(
          'linkv_users',
          ['open_id', 'app_id', 'user_id', ...PROFILE_COLUMNS, 'token_hash', 'created_at', 'updated_at'],
          [[openId, appId, userId, ...PROFILE_COLUMNS.map((column) => profile[column] ?? ''), '', now, now]],
        ),
      );
      return openId;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const winner = await this.findOpenId(appId, userId);
      if (winner === null) throw error;
      return winner;
    }
  }
}

function newOpenId(): string {
  const digits = Array.from({ length: OPEN_ID_DIGITS - 1 }, () => randomInt(10));
  return `${randomInt(1, 10)}${digits.join('')}`;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
