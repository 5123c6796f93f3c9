import { Database } from '../../src/database/database.js';
import type { TestApp } from './app.js';
import type { Sent } from './statements.js';

/** Tables that hold few rows in the largest mall: reading one whole costs nothing. */
const SMALL = new Set(['tabs', 'tab_products', 'home_pages', 'recharge_items', 'linkv_apps', 'jobs', 'bill_days']);
/** Nobody has so many that sorting his own costs. */
const FEW_OF_EACH = new Set(['wechat_identities', 'addresses']);
/** More rows than a page has, and more than the longest list of ids. */
const MAX_SORTED = 600;

/**
 * The newest rows of somebody, without an index named. In a table of millions MySQL walks the primary key backwards then, because
 * it believes that ten of them come soon; tables that a test can fill are too small to show it.
 */
const NEWEST_BY_BELIEF =
  /\bFROM (\w+)(?: [a-z]\w*)? WHERE [^()]*(?:\([^()]*\)[^()]*)?ORDER BY (?:\w+\.)?id(?: DESC)? LIMIT/;

interface MysqlRow {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly rows: number | null;
  readonly Extra: string | null;
}

interface SqliteRow {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** What is wrong with the database's plan for the statement; empty when it reads by a fitting index and sorts no more than a page. */
export async function faultsOf(app: TestApp, { sql, params }: Sent): Promise<string[]> {
  const database = app.app.get(Database);
  const growing = growingTables(sql);
  if (database.kind === 'mysql') {
    const rows = await database.read<MysqlRow>(`EXPLAIN ${sql}`, params);
    const believing = growing.get(NEWEST_BY_BELIEF.exec(sql)?.[1] ?? '');
    const belief = believing ? [`no index is named for the newest of ${believing}`] : [];
    return [...belief, ...rows.flatMap((row) => mysqlFaults(row, growing))];
  }
  const rows = await database.read<SqliteRow>(`EXPLAIN QUERY PLAN ${sql}`, params);
  return rows.flatMap((row) => sqliteFaults(row, rows, growing, sql));
}

/** What the plan may call the growing tables: by their names and by their aliases. */
export function growingTables(sql: string): Map<string, string> {
  const tables = [...sql.matchAll(/\b(?:FROM|JOIN|UPDATE)\s+[`"]?(\w+)[`"]?(?:\s+(?:AS\s+)?[`"]?(\w+)[`"]?)?/gi)];
  const named = tables.filter(([, table]) => !SMALL.has(table.toLowerCase()));
  return new Map(named.flatMap(([, table, alias = table]) => [[table, table] as const, [alias, table] as const]));
}

function mysqlFaults({ table, type, key, rows, Extra }: MysqlRow, growing: Map<string, string>): string[] {
  const name = growing.get(table ?? '');
  if (!name) return [];
  const scanned = type === 'ALL' || type === 'index';
  const sorted = Extra?.includes('Using filesort') && Number(rows) > MAX_SORTED;
  return [
    ...(scanned ? [`${name} is walked through by ${key ?? 'nothing'}`] : []),
    ...(sorted ? [`${rows} rows of ${name} are sorted`] : []),
  ];
}

function sqliteFaults(
  { parent, detail }: SqliteRow,
  rows: readonly SqliteRow[],
  growing: Map<string, string>,
  sql: string,
): string[] {
  const [, scanned] = /^SCAN (\w+)/.exec(detail) ?? [];
  const name = growing.get(scanned);
  if (name) return [`${name} is walked through: ${detail}`];
  if (detail !== 'USE TEMP B-TREE FOR ORDER BY' || !/\bLIMIT\b/.test(sql)) return [];
  const [driver] = rows.filter((row) => row.parent === parent && /^(?:SCAN|SEARCH) /.test(row.detail));
  const [, first] = /^SEARCH (\w+)/.exec(driver.detail) ?? [];
  return growing.has(first) && !FEW_OF_EACH.has(growing.get(first)!)
    ? [`all that match are sorted: ${driver.detail}`]
    : [];
}
