import { randomBytes, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { CredentialDigest } from '../../common/secrets/credential-digest.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { Config } from '../../config/config.js';
import { isDuplicateKey } from '../../database/errors.js';
import { Transactions } from '../../database/transactions.js';
import { LinkvUser } from './linkv-user.entity.js';

/** What a partner tells about its user; an absent field keeps what is stored. */
export type PartnerProfile = Pick<LinkvUser, 'aid'> &
  Partial<Pick<LinkvUser, 'name' | 'portrait' | 'email' | 'country' | 'birthday' | 'sex'>>;

type IssuedToken = Readonly<Record<'openId' | 'token', string>>;

const OPEN_ID_DIGITS = 20;
const MAX_OWNERS = 50_000;

/** The partners' users. Which app an open id belongs to never changes. */
@Injectable()
export class PartnerUsers {
  /** App by open id. */
  private readonly owners = new LRUCache<string, string>({ max: MAX_OWNERS });
  private readonly tokens: CredentialDigest;

  constructor(
    @InjectRepository(LinkvUser) private readonly users: Repository<LinkvUser>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.tokens = new CredentialDigest(config.jwtSecret, 'linkv user token');
  }

  /**
   * The user's open id, made at first sight, and a new live token.
   * @throws DomainError `invalid` when a new user comes without name or portrait
   */
  async issueToken(appId: string, userId: string, profile: PartnerProfile): Promise<IssuedToken> {
    const token = randomBytes(32).toString('base64url');
    const openId = (await this.findOpenId(appId, userId)) ?? (await this.register(appId, userId, profile));
    const change = { ...profile, tokenHash: this.tokens.of(token), updatedAt: this.clock.now() };
    await this.transactions.run((tx) => tx.manager.update(LinkvUser, { openId }, change));
    return { openId, token };
  }

  /** @throws DomainError `invalid` for an open id that is unknown or another app's: the caller learns no difference */
  async requireOwn(appId: string, openId: string): Promise<void> {
    const owner = this.owners.get(openId) ?? (await this.users.findOneBy({ openId }))?.appId;
    if (owner !== appId) throw new DomainError('invalid', 'unknown uid');
    this.owners.set(openId, owner);
  }

  /** @throws DomainError `not_found` */
  async getUser(openId: string): Promise<LinkvUser> {
    const user = await this.users.findOneBy({ openId });
    if (!user) throw notFound('user');
    return user;
  }

  private async findOpenId(appId: string, userId: string): Promise<string | null> {
    return (await this.users.findOneBy({ appId, userId }))?.openId ?? null;
  }

  /** Two first requests at once make one user. */
  private async register(appId: string, userId: string, profile: PartnerProfile): Promise<string> {
    const { aid, name, portrait, email = '', country = '', birthday = '', sex = '' } = profile;
    if (!name || !portrait) throw new DomainError('invalid', 'a new user needs a name and a portrait');
    const openId = newOpenId();
    const now = this.clock.now();
    const told = { aid, name, portrait, email, country, birthday, sex };
    const user = { openId, appId, userId, ...told, tokenHash: '', createdAt: now, updatedAt: now };
    try {
      await this.transactions.run((tx) => tx.manager.insert(LinkvUser, user));
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
