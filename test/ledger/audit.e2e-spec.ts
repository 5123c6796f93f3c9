import { EventEmitter, once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyBooks } from '../../scripts/ledger/verify.js';
import { fen } from '../../src/common/money.js';
import { Transactions } from '../../src/database/transactions.js';
import { JobsService } from '../../src/modules/jobs/jobs.service.js';
import { account } from '../../src/modules/ledger/chart-of-accounts.js';
import { findingsOf } from '../../src/modules/ledger/audit/audit-report.js';
import { LedgerAudit } from '../../src/modules/ledger/audit/ledger-audit.js';
import { LedgerSealer } from '../../src/modules/ledger/audit/ledger-sealer.js';
import { LedgerService } from '../../src/modules/ledger/ledger.service.js';
import { refused, succeeded } from '../support/api-v1.js';
import { openMall } from '../support/stage.js';
import { refusesStrangers } from '../support/refusals.js';

const AUDIT = '/api/v1/ledger/audit';
const PROTECTED = ['ledger_transactions', 'ledger_entries', 'ledger_seals', 'ledger_seal_members'];
const TABLES = [...PROTECTED, 'ledger_accounts'];

const { app } = openMall();
let root: string;

beforeAll(async () => {
  root = (await app.login('root', 7)).token;
  for (let user = 1; user <= 6; user += 1) await buy(user);
  for (const table of TABLES) await app.tamper(`CREATE TABLE ${table}_copy AS SELECT * FROM ${table}`);
  for (const table of PROTECTED) {
    for (const operation of ['update', 'delete']) await app.tamper(`DROP TRIGGER ${table}_no_${operation}`);
  }
});

/** After each test the books are put back as they were at the start. */
afterEach(async () => {
  for (const table of TABLES) {
    await app.tamper(`DELETE FROM ${table}`);
    await app.tamper(`INSERT INTO ${table} SELECT * FROM ${table}_copy`);
  }
});

/** Two ledger transactions: a grant of 100 and a payment of 30 with balance and 20 with coupon money. */
async function buy(user: number): Promise<void> {
  const ledger = app.app.get(LedgerService);
  const [balance, shop, promotion] = [
    account.userBalance(user),
    account.merchantPayable(99),
    account.platform('promotion'),
  ];
  await app.app.get(Transactions).run(async (tx) => {
    const granted = { source: promotion, destination: balance, amount: fen(100), asset: 'CNY' } as const;
    await ledger.post(tx, { key: `grant:${user}`, kind: 'grant', postings: [granted], reason: 'start' });
    await ledger.post(tx, {
      key: `payment:${user}`,
      kind: 'order_payment',
      orderId: user,
      name: '茶',
      postings: [
        { source: balance, destination: shop, amount: fen(30), asset: 'CNY' },
        { source: promotion, destination: shop, amount: fen(20), asset: 'CNY' },
      ],
    });
  });
}

const seal = () => app.app.get(LedgerSealer).seal();
const audit = async () =>
  succeeded(await app.get(AUDIT, {}, root)) as { chain: { broken: object[] } } & Record<string, unknown>;

const findings = async () => findingsOf(await app.app.get(LedgerAudit).run());

async function verify(): Promise<{ count: number; lines: string[] }> {
  const lines: string[] = [];
  return { count: await verifyBooks(app.config, (line) => lines.push(line)), lines };
}

describe('the audit', () => {
  const counts = { accounts: 8, transactions: 12, entries: 36 };
  const clean = {
    clean: true,
    assets: { CNY: { sum: 0 }, COUPON: { sum: 0 }, GOLD: { sum: 0 } },
    drift: [],
    negative: [],
    unbalanced: [],
    counts,
  };

  it('finds honest books clean', async () => {
    expect(await audit()).toEqual({ ...clean, chain: { sealed: 0, head: '', broken: [] } });
    expect(await verify()).toMatchObject({ count: 0, lines: [expect.any(String), 'The books are clean.'] });
    await app.app.get(JobsService).runNow('ledger.audit');
    expect((await app.get('/metrics')).text).toMatch(/^livemall_ledger_drift 0$/m);
  });

  it('shows how far the chain has come', async () => {
    expect(await seal()).toBe(12);
    expect(await audit()).toEqual({
      ...clean,
      chain: { sealed: 12, head: expect.stringMatching(/^[0-9a-f]{64}$/), broken: [] },
    });
  });

  it('is for root alone', async () => {
    await refusesStrangers(() => app.get(AUDIT));
    refused(await app.get(AUDIT, {}, (await app.login('merchant', 3)).token), 403);
  });

  it('names an account whose balance was changed, on every channel', async () => {
    const [row] = await app.rows<{ id: number }>("SELECT id FROM ledger_accounts WHERE address = 'user:3:balance'");
    await app.tamper('UPDATE ledger_accounts SET balance = balance + 1 WHERE id = ?', [row.id]);
    expect(await audit()).toMatchObject({
      clean: false,
      drift: [{ account_id: row.id, address: 'user:3:balance', asset: 'CNY', balance: 0.71, entries: 0.7 }],
    });
    const { count, lines } = await verify();
    expect(count).toBe(1);
    expect(lines[0]).toMatch(new RegExp(`^ledger_account ${row.id} `));
    await app.app.get(JobsService).runNow('ledger.audit');
    expect((await app.get('/metrics')).text).toMatch(/^livemall_ledger_drift 1$/m);
  });
});

const changes: readonly (readonly [what: string, sql: string, named: string])[] = [
  ['the amount of an entry', 'UPDATE ledger_entries SET amount = amount + 5 WHERE id = 17', 'ledger_entry 17'],
  [
    'both amounts of a posting',
    'UPDATE ledger_entries SET amount = amount * 2 WHERE id IN (15, 16)',
    'ledger_entry 15',
  ],
  ['the balance after an entry', 'UPDATE ledger_entries SET balance_after = 1 WHERE id = 17', 'ledger_entry 17'],
  ['the account of an entry', 'UPDATE ledger_entries SET account_id = 2 WHERE id = 17', 'ledger_entry 17'],
  ['the transaction of an entry', 'UPDATE ledger_entries SET transaction_id = 900 WHERE id = 17', 'ledger_entry 17'],
  ['the reason of a transaction', "UPDATE ledger_transactions SET reason = 'x' WHERE id = 5", 'ledger_transaction 5'],
  ['the time of a transaction', 'UPDATE ledger_transactions SET created_at = 1 WHERE id = 5', 'ledger_transaction 5'],
  ['the order of a transaction', 'UPDATE ledger_transactions SET order_id = 9 WHERE id = 6', 'ledger_transaction 6'],
  ['the name of an account', "UPDATE ledger_accounts SET address = 'user:77:balance' WHERE id = 2", 'ledger_account 2'],
  ['a removed entry', 'DELETE FROM ledger_entries WHERE id = 17', 'ledger_entry 17'],
  ['a removed last entry', 'DELETE FROM ledger_entries WHERE id = 18', 'ledger_entry 18'],
  ['a removed transaction', 'DELETE FROM ledger_transactions WHERE id = 5', 'ledger_transaction 5'],
  ['a removed account', 'DELETE FROM ledger_accounts WHERE id = 2', 'ledger_account 2'],
];

const sealChanges: typeof changes = [
  ['all entries of a transaction, removed', 'DELETE FROM ledger_entries WHERE transaction_id = 5', 'ledger_entry 13'],
  ['the hash of a seal', "UPDATE ledger_seals SET hash = 'x' WHERE id = 1", 'ledger_seal 1'],
  ['a removed seal', 'DELETE FROM ledger_seals WHERE id = 1', 'ledger_seal 1'],
  ['a removed last seal', 'DELETE FROM ledger_seals WHERE id = 2', 'ledger_seal 2'],
  [
    'the digest in a seal',
    "UPDATE ledger_seal_members SET digest = 'x' WHERE transaction_id = 5",
    'ledger_seal_member 5',
  ],
  ['a member removed from a seal', 'DELETE FROM ledger_seal_members WHERE transaction_id = 5', 'ledger_seal 1'],
];

function named(row: string): unknown {
  return expect.arrayContaining([expect.stringMatching(new RegExp(`^${row} `))]);
}

describe('tampering by SQL is found and named:', () => {
  it.each(changes)('%s, before it is sealed', async (_, sql, row) => {
    await app.tamper(sql);
    expect(await findings()).toEqual(named(row));
  });

  it.each([...changes, ...sealChanges])('%s, after it is sealed', async (_, sql, row) => {
    await seal();
    await buy(7);
    await seal();
    await app.tamper(sql);
    expect(await findings()).toEqual(named(row));
  });

  it('one changed entry, by ledger:verify and by the route', async () => {
    await app.tamper('UPDATE ledger_entries SET amount = amount + 5 WHERE id = 17');
    const { count, lines } = await verify();
    expect(count).toBeGreaterThan(0);
    expect(lines).toEqual(named('ledger_entry 17'));
    const { chain, clean } = await audit();
    expect(clean).toBe(false);
    expect(chain.broken).toEqual([{ table: 'ledger_entry', id: 17, problem: 'was changed' }]);
  });

  it('a row forged with its hashes, by the seal', async () => {
    await seal();
    const { transactionHash } = await import('../../src/modules/ledger/posting.js');
    const [row] = await app.rows<Parameters<typeof transactionHash>[0]>(
      'SELECT post_key AS postKey, input_hash AS inputHash, kind, reason, name, order_id AS orderId, item_id AS itemId, reverses, created_at AS createdAt FROM ledger_transactions WHERE id = 5',
    );
    const forged = transactionHash({ ...row, createdAt: 1 });
    await app.tamper(`UPDATE ledger_transactions SET created_at = 1, hash = '${forged}' WHERE id = 5`);
    expect((await audit()).chain.broken).toEqual([
      { table: 'ledger_transaction', id: 5, problem: 'is not what was sealed' },
    ]);
  });
});

describe('sealing', () => {
  it('takes all that is committed, and goes on where it stopped', async () => {
    expect(await seal()).toBe(12);
    expect(await seal()).toBe(0);
    await buy(8);
    expect(await seal()).toBe(2);
    expect(await audit()).toMatchObject({ clean: true, chain: { sealed: 14, broken: [] } });
  });

  it('is done by a job', async () => {
    expect(await app.app.get(JobsService).runNow('ledger.seal')).toBe(true);
    expect(await audit()).toMatchObject({ clean: true });
  });

  it('takes in a transaction that committed after younger ones were sealed', async () => {
    let late = 0;
    if (app.database.kind === 'mysql') {
      const ledger = app.app.get(LedgerService);
      const posting = {
        source: account.platform('promotion'),
        destination: account.userBalance(50),
        amount: fen(1),
        asset: 'CNY',
      } as const;
      const [posted, commit] = [new EventEmitter(), new EventEmitter()];
      const older = app.app.get(Transactions).run(async (tx) => {
        ({ id: late } = await ledger.post(tx, { key: 'late', kind: 'test', postings: [posting] }));
        const committing = once(commit, 'now');
        posted.emit('now');
        await committing;
      });
      await once(posted, 'now');
      await buy(51);
      await seal();
      commit.emit('now');
      await older;
      const sealed = await app.rows<{ id: number }>(
        'SELECT transaction_id AS id FROM ledger_seal_members WHERE transaction_id >= ?',
        [late],
      );
      expect(sealed.map(({ id }) => id)).toEqual([late + 1, late + 2]);
    }
    await seal();
    const unsealed = await app.rows(
      'SELECT t.id FROM ledger_transactions t LEFT JOIN ledger_seal_members m ON m.transaction_id = t.id WHERE m.digest IS NULL',
    );
    expect(unsealed).toEqual([]);
    expect(await audit()).toMatchObject({ clean: true, chain: { broken: [] } });
  });
});
