import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import type { Page } from '../../common/page.js';
import { ShortMemory } from '../../common/short-memory.js';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import { isDuplicateKey } from '../../database/errors.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { SecretBox } from './secret-box.js';

export interface PartnerApp {
  readonly appId: string;
  readonly alias: string;
  /** The secrets that are good now, the newest first. */
  readonly secrets: readonly string[];
}

export interface PartnerAppRecord {
  readonly appId: string;
  readonly name: string;
  readonly alias: string;
  readonly disabledAt: number | null;
  /** Until when the secret before the last rotation is good; milliseconds. */
  readonly previousUntil: number | null;
  readonly createdAt: number;
}

interface AppRow extends PartnerAppRecord {
  readonly secret: string;
  readonly previousSecret: string | null;
  readonly seededHash: string | null;
}

interface OpenedApp {
  readonly row: AppRow;
  readonly secret: string | null;
  readonly previousSecret: string | null;
}

/** How long the old secret stays valid after a rotation, in milliseconds (linkv.md, Partner apps). */
export const ROTATION_WINDOW = 24 * 3600 * 1000;
const MAX_REMEMBERED = 1000;
export const APP_ID_RULE = /^[A-Za-z0-9_-]{1,64}$/;

const RECORD_COLUMNS =
  'app_id AS appId, name, alias, disabled_at AS disabledAt, previous_until AS previousUntil, created_at AS createdAt';
const ROW_COLUMNS = `${RECORD_COLUMNS}, secret, previous_secret AS previousSecret, seeded_hash AS seededHash`;

/** The partners that may call the open wire, and their secrets. */
@Injectable()
export class PartnerApps {
  private readonly box: SecretBox;
  private readonly remembered = new ShortMemory<string, OpenedApp | null>(MAX_REMEMBERED);

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {
    this.box = new SecretBox(config.jwtSecret);
  }

  /** The first app comes from the environment; a secret that changed there counts as a rotation. */
  async onModuleInit(): Promise<void> {
    const { linkv } = this.config;
    if (!linkv) return;
    const seededHash = createHash('sha256').update(linkv.appSecret).digest('hex');
    const known = await this.findRow(linkv.appId);
    if (known) return this.refreshSeed(known, linkv, seededHash);
    try {
      await this.insert(
        { appId: linkv.appId, name: linkv.appAlias, alias: linkv.appAlias },
        linkv.appSecret,
        seededHash,
      );
    } catch (error) {
      const madeByAnother = isDuplicateKey(error) && (await this.findRow(linkv.appId)) !== null;
      if (!madeByAnother) throw error;
    }
  }

  /** Null for one that is unknown or disabled. */
  async findActive(appId: string): Promise<PartnerApp | null> {
    if (!APP_ID_RULE.test(appId)) return null;
    const known = await this.remembered.get(appId, () => this.load(appId));
    if (!known || known.row.disabledAt !== null) return null;
    const { row, secret, previousSecret } = known;
    const previousIsGood = previousSecret !== null && Number(row.previousUntil) > this.clock.now();
    const secrets = [secret, previousIsGood ? previousSecret : null].filter((one) => one !== null);
    return { appId, alias: row.alias, secrets };
  }

  /** Answers the secret, which is not shown again. @throws DomainError `duplicate` when another app has this alias */
  async add(name: string, alias: string): Promise<{ appId: string; secret: string }> {
    const appId = `LM${Array.from({ length: 22 }, () => randomInt(10)).join('')}`;
    const secret = newSecret();
    try {
      await this.insert({ appId, name, alias }, secret, null);
    } catch (error) {
      if (isDuplicateKey(error)) throw new DomainError('duplicate', 'another app has this channel');
      throw error;
    }
    return { appId, secret };
  }

  /** Answers the new secret; the present one stays valid for 24 h, one before it ends now. @throws DomainError `not_found` */
  async rotateSecret(appId: string): Promise<string> {
    const secret = newSecret();
    await this.transactions.run((tx) => this.replaceSecret(tx, appId, secret));
    return secret;
  }

  /** The app is refused from now on; disabling it again changes nothing. @throws DomainError `not_found` */
  async disable(appId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        'UPDATE linkv_apps SET disabled_at = COALESCE(disabled_at, ?) WHERE app_id = ?',
        [this.clock.now(), appId],
      );
      if (affected === 0) throw notFound('app');
      tx.afterCommit(() => this.remembered.forget(appId));
    });
  }

  /** Oldest first. */
  async list({ from, length }: Page): Promise<PartnerAppRecord[]> {
    return this.database.read<PartnerAppRecord>(
      `SELECT ${RECORD_COLUMNS} FROM linkv_apps ORDER BY created_at, app_id LIMIT ${length} OFFSET ${from}`,
    );
  }

  private async refreshSeed(
    known: AppRow,
    given: { readonly appSecret: string; readonly appAlias: string },
    seededHash: string,
  ): Promise<void> {
    const changed = known.seededHash !== seededHash || this.box.open(known.appId, known.secret) === null;
    if (!changed && known.alias === given.appAlias) return;
    await this.transactions.run(async (tx) => {
      await tx.execute('UPDATE linkv_apps SET alias = ?, seeded_hash = ? WHERE app_id = ?', [
        given.appAlias,
        seededHash,
        known.appId,
      ]);
      if (changed) await this.replaceSecret(tx, known.appId, given.appSecret);
    });
  }

  private async load(appId: string): Promise<OpenedApp | null> {
    const row = await this.findRow(appId);
    if (!row) return null;
    const secret = this.box.open(appId, row.secret);
    return {
      row,
      secret,
      previousSecret: row.previousSecret === null ? null : this.box.open(appId, row.previousSecret),
    };
  }

  private async findRow(appId: string): Promise<AppRow | null> {
    return this.database.readOne<AppRow>(`SELECT ${ROW_COLUMNS} FROM linkv_apps WHERE app_id = ?`, [appId]);
  }

  private async insert(
    app: { readonly appId: string; readonly name: string; readonly alias: string },
    secret: string,
    seededHash: string | null,
  ): Promise<void> {
    await this.transactions.run(async (tx) => {
      await tx.execute(
        'INSERT INTO linkv_apps (app_id, name, alias, secret, seeded_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        [app.appId, app.name, app.alias, this.box.seal(app.appId, secret), seededHash, this.clock.now()],
      );
      tx.afterCommit(() => this.remembered.forget(app.appId));
    });
  }

  private async replaceSecret(tx: Tx, appId: string, secret: string): Promise<void> {
    // MySQL assigns from left to right: the old secret is kept before it is replaced.
    const { affected } = await tx.execute(
      'UPDATE linkv_apps SET previous_secret = secret, previous_until = ?, secret = ? WHERE app_id = ?',
      [this.clock.now() + ROTATION_WINDOW, this.box.seal(appId, secret), appId],
    );
    if (affected === 0) throw notFound('app');
    tx.afterCommit(() => this.remembered.forget(appId));
  }
}

function newSecret(): string {
  return randomBytes(16).toString('hex');
}
