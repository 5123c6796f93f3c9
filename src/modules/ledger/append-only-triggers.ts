import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { DatabaseKind } from '../../database/sql.js';

/** Rows of these are written once; nothing updates or deletes them, and triggers refuse whoever tries. */
const TABLES = ['ledger_transactions', 'ledger_entries', 'ledger_seals', 'ledger_seal_members'] as const;
const OPERATIONS = ['update', 'delete'] as const;

/** MySQL: another instance, starting as well, has made the trigger meanwhile. */
const TRIGGER_EXISTS = 1359;

type Query = (sql: string) => Promise<unknown>;

/** On MySQL at every start, because whoever applied the migrations may have lacked the privilege. */
@Injectable()
export class AppendOnlyTriggers implements OnModuleInit {
  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const { dataSource, kind, warnings } = this.database;
    if (kind !== 'mysql') return;
    const problem = await createTriggers(kind, (sql) => dataSource.query(sql));
    if (problem) warnings.push(problem);
  }
}

/**
 * Makes the triggers that are missing. Returns null, or a sentence for the operator where the server refuses (no TRIGGER
 * privilege, or error 1419 with a binary log).
 */
export async function createTriggers(kind: DatabaseKind, query: Query): Promise<string | null> {
  const present = kind === 'mysql' ? await presentTriggers(query) : new Set<string>();
  for (const table of TABLES) {
    for (const operation of OPERATIONS) {
      const name = `${table}_no_${operation}`;
      const head = `${name} BEFORE ${operation.toUpperCase()} ON ${table} FOR EACH ROW`;
      const problem = present.has(name) ? null : await (kind === 'mysql' ? onMysql : onSqlite)(query, table, head);
      if (problem) return problem;
    }
  }
  return null;
}

async function presentTriggers(query: Query): Promise<Set<string>> {
  const rows = await query(
    'SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()',
  );
  return new Set((rows as { name: string }[]).map(({ name }) => name));
}

async function onSqlite(query: Query, table: string, head: string): Promise<null> {
  await query(`CREATE TRIGGER IF NOT EXISTS ${head} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`);
  return null;
}

async function onMysql(query: Query, table: string, head: string): Promise<string | null> {
  try {
    await query(`CREATE TRIGGER ${head} SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${table} is append-only'`);
    return null;
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === TRIGGER_EXISTS) return null;
    return `${table} is not protected by triggers: the database refused them (error ${errno ?? 'unknown'}); grant TRIGGER, with a binary log also log_bin_trust_function_creators, and start again`;
  }
}
