import { randomBytes, randomInt } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository } from 'typeorm';
import { Cache } from '../../common/cache.js';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { IdempotencyRef } from '../../common/idempotency.js';
import type { Page } from '../../common/page.js';
import { SecretBox } from '../../common/secrets/secret-box.js';
import { sha256 } from '../../common/sha256.js';
import { Config } from '../../config/config.js';
import { DEMO_LINKV_APP } from '../../config/development.js';
import { secretWeakness } from '../../config/secret-weakness.js';
import { isDuplicateKey } from '../../database/errors.js';
import { Idempotency } from '../../database/idempotency.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { LinkvApp } from './linkv-app.entity.js';

export interface PartnerApp {
  readonly appId: string;
  readonly alias: string;
  /** The secrets that are good now, the newest first. */
  readonly secrets: readonly string[];
  /** The newest one, as it is stored, where it came by a rotation and nothing has been signed with it; otherwise null. */
  readonly unusedSecret: string | null;
}

/** An app without its secrets. */
export type PartnerAppRecord = Omit<LinkvApp, 'secret' | 'secretUsedAt' | 'previousSecret' | 'seededHash'>;

type LinkvConfig = NonNullable<Config['linkv']>;

interface OpenedApp {
  readonly app: LinkvApp;
  readonly secret: string | null;
  readonly previousSecret: string | null;
}

/** How long the old secret stays valid after a rotation, in milliseconds (docs/linkv.md, Partner apps). */
export const ROTATION_WINDOW = 24 * 3600 * 1000;
/** Of the apps kept in memory, of about a kilobyte each. */
const CACHE_BYTES = 1024 * 1024;
const APP_BYTES = 1024;
export const APP_ID_RULE = /^[A-Za-z0-9_-]{1,64}$/;

/** The partners that may call the open wire, and their secrets. */
@Injectable()
export class PartnerApps implements OnModuleInit {
  private readonly logger = new Logger('PartnerApps');
  private readonly box: SecretBox;
  private readonly opened = new Cache<string, OpenedApp | null>({ bytes: CACHE_BYTES, sizeOf: () => APP_BYTES });

  constructor(
    private readonly config: Config,
    @InjectRepository(LinkvApp) private readonly apps: Repository<LinkvApp>,
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {
    this.box = new SecretBox(config.jwtSecret, 'linkv app secret');
  }

  async onModuleInit(): Promise<void> {
    const { linkv, production } = this.config;
    if (linkv) await this.seed(linkv);
    if (production) await this.disableDevelopmentApps();
  }

  /** Null for one that is unknown or disabled. */
  async findActive(appId: string): Promise<PartnerApp | null> {
    if (!APP_ID_RULE.test(appId)) return null;
    const known = await this.opened.get(appId, () => this.load(appId));
    if (!known || known.app.disabledAt !== null) return null;
    const { app, secret, previousSecret } = known;
    const previousIsGood =
      app.previousUntil !== null && app.previousUntil > this.clock.now() && this.isAcceptable(previousSecret);
    const secrets = [secret, previousIsGood ? previousSecret : null].filter((one) => one !== null);
    const isUnused = secret !== null && app.previousSecret !== null && app.secretUsedAt === null;
    return { appId, alias: app.alias, secrets, unusedSecret: isUnused ? app.secret : null };
  }

  /** Returns the secret, which is not shown again. @throws DomainError `duplicate` when another app has this alias */
  async add(name: string, alias: string): Promise<{ appId: string; secret: string }> {
    const appId = `LM${Array.from({ length: 22 }, () => randomInt(10)).join('')}`;
    const secret = newSecret();
    try {
      await this.insert({ appId, name, alias, seededHash: null }, secret);
    } catch (error) {
      if (isDuplicateKey(error)) throw new DomainError('duplicate', 'another app has this channel');
      throw error;
    }
    return { appId, secret };
  }

  /**
   * Returns the new secret; the present one stays valid for 24 h, one before it ends now. A repeat under its key returns the same
   * again, and so does one without a key while the present secret is valid beside a new one that nobody has used.
   * @throws DomainError `not_found`; `key_reused`, `in_flight`; `conflict` when JWT_SECRET has changed since a repeat's first try
   */
  async rotateSecret(ref: IdempotencyRef | null, appId: string): Promise<string> {
    const { sealed } = await this.idempotency.once(ref, async (tx) => {
      const app = await this.lock(tx, appId);
      const isRepeat = !ref && this.isFresh(app);
      return { sealed: isRepeat ? app.secret : await this.replaceSecret(tx, app, newSecret()) };
    });
    const secret = this.box.open(appId, sealed);
    if (secret === null) throw new DomainError('conflict', 'this secret cannot be read any more: rotate it again');
    return secret;
  }

  /** Something has been signed with the app's newest secret: the next rotation is no repeat of the last one. */
  async markUsed(appId: string, sealed: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const unused = { appId, secret: sealed, secretUsedAt: IsNull() };
      await tx.manager.update(LinkvApp, unused, { secretUsedAt: this.clock.now() });
      tx.afterCommit(() => this.opened.evict(appId));
    });
  }

  /** The app is refused from now on; disabling it again changes nothing. @throws DomainError `not_found` */
  async disable(appId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const active = { appId, disabledAt: IsNull() };
      const { affected } = await tx.manager.update(LinkvApp, active, { disabledAt: this.clock.now() });
      if (affected === 0 && !(await tx.manager.existsBy(LinkvApp, { appId }))) throw notFound('app');
      tx.afterCommit(() => this.opened.evict(appId));
    });
  }

  /** Oldest first. */
  list({ from, length }: Page): Promise<PartnerAppRecord[]> {
    return this.apps.find({
      select: { appId: true, name: true, alias: true, disabledAt: true, previousUntil: true, createdAt: true },
      order: { createdAt: 'ASC', appId: 'ASC' },
      skip: from,
      take: length,
    });
  }

  /** The first app comes from the environment; a secret that changed there counts as a rotation. */
  private async seed(linkv: LinkvConfig): Promise<void> {
    const seededHash = sha256(linkv.appSecret);
    const known = await this.apps.findOneBy({ appId: linkv.appId });
    if (known) return this.refreshSeed(known, linkv, seededHash);
    const app = { appId: linkv.appId, name: linkv.appAlias, alias: linkv.appAlias, seededHash };
    try {
      await this.insert(app, linkv.appSecret);
    } catch (error) {
      const madeByAnother = isDuplicateKey(error) && (await this.apps.existsBy({ appId: linkv.appId }));
      if (!madeByAnother) throw error;
    }
  }

  /** What production refuses in the environment must not come from the database either (docs/security.md 2.11). */
  private async disableDevelopmentApps(): Promise<void> {
    for (const { appId, secret, seededHash } of await this.apps.findBy({ disabledAt: IsNull() })) {
      const given = this.box.open(appId, secret);
      const isWeak = given !== null && sha256(given) === seededHash && secretWeakness(given) !== null;
      const isDemo = appId === DEMO_LINKV_APP.appId && this.config.linkv?.appId !== appId;
      if (!isWeak && !isDemo) continue;
      await this.disable(appId);
      this.logger.warn(`partner app ${appId} is disabled: its secret is one of development`);
    }
  }

  private async refreshSeed(known: LinkvApp, given: LinkvConfig, seededHash: string): Promise<void> {
    const { appId } = known;
    const changed = known.seededHash !== seededHash || this.box.open(appId, known.secret) === null;
    if (!changed && known.alias === given.appAlias) return;
    await this.transactions.run(async (tx) => {
      await tx.manager.update(LinkvApp, { appId }, { alias: given.appAlias, seededHash });
      if (changed) await this.replaceSecret(tx, await this.lock(tx, appId), given.appSecret);
    });
  }

  /** A secret of development ends with development, not a rotation window later. */
  private isAcceptable(secret: string | null): boolean {
    return secret !== null && !(this.config.production && secretWeakness(secret) !== null);
  }

  private async load(appId: string): Promise<OpenedApp | null> {
    const app = await this.apps.findOneBy({ appId });
    if (!app) return null;
    const open = (sealed: string): string | null => this.box.open(appId, sealed);
    return { app, secret: open(app.secret), previousSecret: app.previousSecret && open(app.previousSecret) };
  }

  private async insert(app: Pick<LinkvApp, 'appId' | 'name' | 'alias' | 'seededHash'>, secret: string): Promise<void> {
    const { appId } = app;
    await this.transactions.run(async (tx) => {
      const sealed = { secret: this.box.seal(appId, secret), createdAt: this.clock.now() };
      await tx.manager.insert(LinkvApp, { ...app, ...sealed });
      tx.afterCommit(() => this.opened.evict(appId));
    });
  }

  /** Made by {@link rotateSecret} while the one before it is still good, and nothing has been signed with it. */
  private isFresh({ appId, secret, secretUsedAt, previousUntil, seededHash }: LinkvApp): boolean {
    const opened = this.box.open(appId, secret);
    const isMade = opened !== null && sha256(opened) !== seededHash;
    return isMade && secretUsedAt === null && previousUntil !== null && previousUntil > this.clock.now();
  }

  /** @throws DomainError `not_found` */
  private async lock(tx: Tx, appId: string): Promise<LinkvApp> {
    const app = await tx.manager.findOne(LinkvApp, { where: { appId }, lock: tx.rowLock });
    if (!app) throw notFound('app');
    return app;
  }

  /** Returns the secret as it is stored. */
  private async replaceSecret(tx: Tx, { appId, secret: previousSecret }: LinkvApp, given: string): Promise<string> {
    const secret = this.box.seal(appId, given);
    const previousUntil = this.clock.now() + ROTATION_WINDOW;
    await tx.manager.update(LinkvApp, { appId }, { secret, secretUsedAt: null, previousSecret, previousUntil });
    tx.afterCommit(() => this.opened.evict(appId));
    return secret;
  }
}

/** 1 in 10,000 would look too regular. */
function newSecret(): string {
  const secret = randomBytes(16).toString('hex');
  return secretWeakness(secret) === null ? secret : newSecret();
}
