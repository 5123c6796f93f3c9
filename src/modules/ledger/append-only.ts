/** Rows of these are written once; nothing updates or deletes them, and triggers refuse whoever tries. */
const TABLES = ['ledger_transactions', 'ledger_entries', 'ledger_seals', 'ledger_seal_members'] as const;
const OPERATIONS = ['update', 'delete'] as const;

/** MySQL: another instance, starting as well, has made the trigger meanwhile. */
const TRIGGER_EXISTS = 1359;

type Execute = (sql: string) => Promise<unknown>;

/**
 * Makes the triggers that are missing. Where the server refuses (no TRIGGER privilege, or error 1419 with a binary log)
 * it answers a sentence for the operator, otherwise null.
 */
export async function protectTables(mysql: boolean, execute: Execute): Promise<string | null> {
  const present = mysql ? await presentTriggers(execute) : new Set<string>();
  for (const table of TABLES) {
    for (const operation of OPERATIONS) {
      const name = `${table}_no_${operation}`;
      const head = `${name} BEFORE ${operation.toUpperCase()} ON ${table} FOR EACH ROW`;
      const problem = present.has(name) ? null : await (mysql ? onMysql : onSqlite)(execute, table, head);
      if (problem) return problem;
    }
  }
  return null;
}

async function presentTriggers(execute: Execute): Promise<Set<string>> {
  const rows = await execute(
    'SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()',
  );
  return new Set((rows as { name: string }[]).map(({ name }) => name));
}

async function onSqlite(execute: Execute, table: string, head: string): Promise<null> {
  await execute(`CREATE TRIGGER IF NOT EXISTS ${head} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`);
  return null;
}

async function onMysql(execute: Execute, table: string, head: string): Promise<string | null> {
  try {
    await execute(`CREATE TRIGGER ${head} SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${table} is append-only'`);
    return null;
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === TRIGGER_EXISTS) return null;
    return `${table} is not protected by triggers: the database refused them (error ${errno ?? 'unknown'}); grant TRIGGER, with a binary log also log_bin_trust_function_creators, and start again`;
  }
}
