import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../config/config.js';
import { DEMO_APP_ID, SIMULATED_APP_ID, SIMULATED_OPENID_PREFIX } from '../../config/development.js';
import { Database } from '../../database/database.js';
import { Transactions } from '../../database/transactions.js';

/** Greater than every openid with the prefix, and no greater than any other that is greater. */
const AFTER_PREFIX = SIMULATED_OPENID_PREFIX.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
const NEXT_APP = 'SELECT MIN(app_id) AS appId FROM wechat_identities WHERE app_id > ?';
const IDS = 'SELECT DISTINCT user_id AS id FROM wechat_identities WHERE app_id = ? AND openid >= ? AND openid < ?';
const ALL_IDS = 'SELECT DISTINCT user_id AS id FROM wechat_identities WHERE app_id = ?';
const END =
  'UPDATE users SET permission = 0, token_version = token_version + 1, updated_at = ? WHERE id = ? AND permission > 0';

/** The people of the simulator and of the demo data, to whom a production start leaves no login and no permission (docs/security.md 2.11). */
@Injectable()
export class DevelopmentAccounts implements OnModuleInit {
  private readonly logger = new Logger('DevelopmentAccounts');

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.config.production) return;
    let ended = 0;
    for (const id of await this.listIds()) {
      const { affected } = await this.transactions.write(END, [this.clock.now(), id]);
      ended += affected;
    }
    if (ended === 0) return;
    this.logger.warn(
      `this database was used in development: ${ended} accounts of the simulator and of the demo data are disabled. ` +
        'What else was made there stays: begin production with an empty database',
    );
  }

  /** Disabled ones too. Asks app by app, because openids are in order within one. */
  async listIds(): Promise<number[]> {
    const ids: number[] = [];
    for (let appId = await this.nextApp(''); appId !== null; appId = await this.nextApp(appId)) {
      const wholly = appId === SIMULATED_APP_ID || appId === DEMO_APP_ID;
      const rows = await (wholly
        ? this.database.read<{ id: number }>(ALL_IDS, [appId])
        : this.database.read<{ id: number }>(IDS, [appId, SIMULATED_OPENID_PREFIX, AFTER_PREFIX]));
      ids.push(...rows.map(({ id }) => id));
    }
    return ids;
  }

  private async nextApp(appId: string): Promise<string | null> {
    return (await this.database.readOne<{ appId: string | null }>(NEXT_APP, [appId]))?.appId ?? null;
  }
}
