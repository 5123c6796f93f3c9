import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Schema } from '../src/database/schema.js';
import { createTriggers } from '../src/modules/ledger/append-only-triggers.js';

export class Ledger1795000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const schema = new Schema(runner);
    await createBooks(schema);
    await createSeals(schema);
    await createJobs(schema);
    await createTriggers(schema.mysql ? 'mysql' : 'sqlite', (sql) => runner.query(sql) as Promise<unknown>);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['jobs', 'wallet_grants', 'ledger_seal_members', 'ledger_seals']) await runner.dropTable(table);
    for (const table of ['ledger_entries', 'ledger_transactions', 'ledger_accounts']) await runner.dropTable(table);
  }
}

async function createBooks(schema: Schema): Promise<void> {
  await schema.createTable(
    'ledger_accounts',
    {
      id: schema.counter,
      address: schema.text(128),
      asset: schema.text(8),
      balance: { ...schema.whole, isNullable: true },
      hash: schema.text(64),
      created_at: schema.instant,
    },
    {
      uniques: { uq_ledger_accounts_address: ['address', 'asset'] },
      checks: { chk_ledger_accounts_balance: 'balance BETWEEN 0 AND 9007199254740991' },
    },
  );
  await schema.createTable(
    'ledger_transactions',
    {
      id: schema.counter,
      post_key: schema.text(191),
      input_hash: schema.text(64),
      kind: schema.text(32),
      reason: schema.text(255),
      name: schema.text(255),
      order_id: { ...schema.ref, isNullable: true },
      item_id: { ...schema.ref, isNullable: true },
      reverses: { ...schema.ref, isNullable: true },
      created_at: schema.instant,
      hash: schema.text(64),
    },
    { uniques: { uq_ledger_transactions_key: ['post_key'], uq_ledger_transactions_reverses: ['reverses'] } },
  );
  await schema.createTable(
    'ledger_entries',
    {
      id: schema.counter,
      transaction_id: schema.ref,
      position: schema.small,
      account_id: schema.ref,
      amount: schema.whole,
      balance_after: { ...schema.whole, isNullable: true },
      hash: schema.text(64),
    },
    {
      uniques: { uq_ledger_entries_position: ['transaction_id', 'position'] },
      indexes: { idx_ledger_entries_account: ['account_id'] },
    },
  );
}

async function createSeals(schema: Schema): Promise<void> {
  await schema.createTable('ledger_seals', {
    id: { ...schema.ref, isPrimary: true },
    members: schema.small,
    previous_hash: schema.text(64),
    hash: schema.text(64),
    created_at: schema.instant,
  });
  await schema.createTable(
    'ledger_seal_members',
    {
      transaction_id: { ...schema.ref, isPrimary: true },
      seal_id: schema.ref,
      first_entry_id: schema.ref,
      entries: schema.small,
      digest: schema.text(64),
    },
    { indexes: { idx_ledger_seal_members_seal: ['seal_id', 'transaction_id'] } },
  );
}

async function createJobs(schema: Schema): Promise<void> {
  await schema.createTable(
    'wallet_grants',
    {
      transaction_id: { ...schema.ref, isPrimary: true },
      granted_by: schema.ref,
      user_id: schema.ref,
      asset: schema.text(8),
      amount: schema.whole,
      reason: schema.text(255),
      created_at: schema.instant,
    },
    { indexes: { idx_wallet_grants_user: ['user_id'] } },
  );
  await schema.createTable(
    'jobs',
    {
      id: schema.counter,
      name: schema.text(64),
      job_key: schema.text(191, { isNullable: true }),
      payload: schema.longText,
      due_at: schema.instant,
      lease_owner: schema.text(40, { isNullable: true }),
      lease_until: { ...schema.instant, isNullable: true },
      attempts: schema.small,
      revision: schema.small,
      last_error: schema.text(500, { isNullable: true }),
      created_at: schema.instant,
    },
    { uniques: { uq_jobs_key: ['job_key'] }, indexes: { idx_jobs_due: ['due_at'] } },
  );
}
