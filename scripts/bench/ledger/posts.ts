import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { model } from '../../../ormconfig.js';
import { SystemClock } from '../../../src/common/clock.js';
import { fen } from '../../../src/common/money.js';
import { loadConfig } from '../../../src/config/config.js';
import { Database } from '../../../src/database/database.js';
import { Transactions } from '../../../src/database/transactions.js';
import { account } from '../../../src/modules/ledger/chart-of-accounts.js';
import { LedgerAccounts } from '../../../src/modules/ledger/ledger-accounts.js';
import { LedgerService } from '../../../src/modules/ledger/ledger.service.js';
import type { Load } from '../load/load.js';
import { drive } from '../load/rounds.js';
import { random } from '../world.js';
import { postByHand, SHOPS, USERS, type Post } from './by-hand.js';
import type { LedgerJob } from './ledger-case.js';

/* Posts of a payment from a user's balance to a merchant, by LedgerService and by hand. Argument: an empty database. */
const CLIENTS = 32;
const [url = ''] = process.argv.slice(2);

async function openLedger(): Promise<{ database: Database; pay: Post }> {
  const config = loadConfig({
    DATABASE_URL: url,
    DATABASE_POOL_SIZE: '34',
    JWT_SECRET: randomBytes(32).toString('hex'),
  });
  const database = await Database.open(config, model);
  const transactions = new Transactions(database, config);
  await transactions.onModuleInit();
  const clock = new SystemClock();
  const ledger = new LedgerService(database, new LedgerAccounts(clock), clock);
  const post = (key: string, source: string, destination: string, amount: number): Promise<unknown> => {
    const posting = { source, destination, amount: fen(amount), asset: 'CNY' as const } as never;
    return transactions.run((tx) => ledger.post(tx, { key, kind: 'bench', orderId: 1, postings: [posting] }));
  };
  for (let user = 1; user <= USERS; user += 1) {
    await post(`start:${user}`, account.platform('promotion'), account.userBalance(user), 1_000_000);
  }
  for (let shop = 1; shop <= SHOPS; shop += 1) {
    await post(`open:${shop}`, account.userBalance(shop), account.merchantPayable(shop), 1);
  }
  const pay: Post = (serial) =>
    post(`ledger:${serial}`, account.userBalance(random(USERS)), account.merchantPayable(random(SHOPS)), 1);
  return { database, pay };
}

const { database, pay } = await openLedger();
const posts = { service: pay, 'by hand': await postByHand(database, url) };
let serial = 0;

process.on('message', ({ side, seconds }: LedgerJob) => {
  const load: Load<null> = { once: () => posts[side](String((serial += 1))) };
  const clients = Array.from({ length: CLIENTS }, () => null);
  void drive(load, clients, seconds, [process.pid, null]).then((round) => process.send?.(round));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
