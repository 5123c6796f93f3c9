import { beforeAll, describe, expect, it } from '@jest/globals';
import { verifyBooks } from '../../scripts/ledger/verify.js';
import { fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { account } from '../../src/modules/ledger/chart-of-accounts.js';
import { LedgerService } from '../../src/modules/ledger/ledger.service.js';
import { TestClock } from '../support/clock.js';
import { openMall } from '../support/stage.js';

const HOUR = 3_600_000;
const clock = new TestClock();
const logs: string[] = [];
const { app } = openMall({ clock, logs, env: { LOG_LEVEL: 'error' } });

let posts = 0;

async function post(count: number): Promise<void> {
  const [source, destination] = [account.platform('promotion'), account.userBalance(1)];
  for (let index = 0; index < count; index += 1) {
    const posting = { source, destination, amount: fen(1), asset: 'CNY' } as const;
    const key = `clock:${(posts += 1)}`;
    await app.app
      .get(Transactions)
      .run((tx) => app.app.get(LedgerService).post(tx, { key, kind: 'test', postings: [posting] }));
    clock.advance(1000);
  }
}

const seal = () => app.app.get(JobsService).runNow('ledger.seal');

/** As many ids as nobody would wait for, so that what comes is far behind what came before. */
async function skipIds(count: number): Promise<void> {
  if (app.database.kind === 'mysql') {
    const [{ id }] = await app.rows<{ id: number }>('SELECT MAX(id) AS id FROM ledger_transactions');
    await app.tamper(`ALTER TABLE ledger_transactions AUTO_INCREMENT = ${id + count}`);
  } else {
    await app.tamper("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'ledger_transactions'", [count]);
  }
}

async function verify(): Promise<string[]> {
  const lines: string[] = [];
  await verifyBooks(app.config, (line) => lines.push(line));
  return lines;
}

async function expectSealedAndClean(): Promise<void> {
  const unsealed = await app.rows(
    'SELECT t.id FROM ledger_transactions t LEFT JOIN ledger_seal_members m ON m.transaction_id = t.id WHERE m.digest IS NULL',
  );
  expect(unsealed).toEqual([]);
  expect(await verify()).toEqual([expect.stringContaining(`${posts} sealed`), 'The books are clean.']);
}

describe('what is posted while the clock jumps is sealed, and the books verify:', () => {
  beforeAll(async () => {
    await post(3);
    clock.advance(10_000);
    await seal();
  });

  it.each([
    ['an hour ahead', HOUR],
    ['an hour back', -HOUR],
    ['a year ahead', 8760 * HOUR],
  ])('%s', async (_, jump) => {
    await post(3);
    clock.jump(jump);
    await post(3);
    await seal();
    clock.jump(-jump);
    await skipIds(20_000);
    await post(3);
    clock.advance(10_000);
    await seal();
    await seal();
    await expectSealedAndClean();
  });
});

it('what turns up far behind the seals is named, sealed, and remembered', async () => {
  await app.tamper('DROP TRIGGER ledger_transactions_no_delete');
  await post(2);
  const first = 'SELECT MAX(id) - 1 AS id FROM ledger_transactions';
  const [{ id }] = await app.rows<{ id: number }>(first);
  await app.tamper('CREATE TABLE apart AS SELECT * FROM ledger_transactions WHERE id >= ?', [id]);
  await app.tamper('DELETE FROM ledger_transactions WHERE id >= ?', [id]);
  await skipIds(20_000);
  await post(1);
  await seal();
  await app.tamper('INSERT INTO ledger_transactions SELECT * FROM apart');
  const behind = `ledger_transaction ${id} was added behind the seals`;
  expect(await verify()).toEqual(expect.arrayContaining([behind, '2 findings.']));
  for (let count = 0; count < 10; count += 1) await seal();
  const note = `ledger_transaction ${id} was sealed far behind its neighbours: it committed late or was added`;
  expect(await verify()).toEqual(expect.arrayContaining([`note: ${note}`, 'The books are clean.']));
  expect(logs.join('')).toContain(`ledger_transaction ${id} is sealed far behind its neighbours`);
});
