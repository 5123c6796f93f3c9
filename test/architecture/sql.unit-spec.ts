import { readdirSync, readFileSync } from 'node:fs';
import { getMetadataArgsStorage } from 'typeorm';
import { describe, expect, it } from '@jest/globals';
import { model } from '../../ormconfig.js';

/** Hand-written statements are for hot paths: docs/decisions/001-sql-beside-typeorm.md. */
const MAX_STATEMENTS = 140;
const STATEMENT = /(['"`])\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s[^;]*?\1/g;
/** Three columns in a row, or one renamed to a field: the entity knows both. */
const SELECT_LIST = /\bSELECT\s+(?:[a-z]\w*\.)?[a-z]\w*,\s*(?:[a-z]\w*\.)?[a-z]\w*,\s*(?:[a-z]\w*\.)?[a-z]/;
const RENAMED = /\b[a-z]+_[a-z_]+ AS [a-z]+[A-Z]/;
const INSERT_LIST = /\bINSERT INTO [\w$.{}]+ \(\s*[a-z]/;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path): [path: string, text: string] => [path, withoutComments(readFileSync(`src/${path}`, 'utf8'))]);

function withoutComments(text: string): string {
  return text.replace(/^\s*(?:\/?\*|\/\/).*$/gm, '');
}

function statementsIn(text: string): string[] {
  return [...text.matchAll(STATEMENT)].map(([statement]) => statement);
}

describe('SQL in strings', () => {
  it(`is under ${MAX_STATEMENTS} statements`, () => {
    expect(statementsIn("x('SELECT id FROM a'); y(`UPDATE a SET b = ?`);")).toHaveLength(2);
    expect(sources.flatMap(([, text]) => statementsIn(text)).length).toBeLessThan(MAX_STATEMENTS);
  });

  it('spells no column list by hand: a column is written in its entity and in its migration', () => {
    const byHand = (text: string): boolean => [SELECT_LIST, RENAMED, INSERT_LIST].some((list) => list.test(text));
    expect(byHand('SELECT id, name, address FROM addresses')).toBe(true);
    expect(byHand('SELECT user_id AS userId FROM carts')).toBe(true);
    expect(byHand('INSERT INTO addresses (user_id, name) VALUES (?, ?)')).toBe(true);
    expect(byHand('SELECT ${ORDERS.select()} FROM orders')).toBe(false);
    expect(byHand('SELECT COUNT(*) AS failures, MAX(failed_at) AS last FROM login_failures')).toBe(false);
    expect(sources.filter(([, text]) => byHand(text)).map(([path]) => path)).toEqual([]);
  });
});

/** Where the texts of lists are put together. */
const MAKERS = ['database/sql.ts', 'database/table.ts'];
/** A part of a statement as often as a count says, in another way than by `repeated`. */
const BY_A_COUNT = /\.repeat\(|\bArray\b[^;]*\?[^;]*\.join\(|\.(?:map|flatMap|fill)\([^;]*\?[^;]*\)\s*\.join\(/;
/** No statement is put together here. */
const WITHOUT_SQL = /^(?:simulator|integrations|protocols|common|config)\//;

describe('a statement with a list', () => {
  const offends = (text: string): boolean => BY_A_COUNT.test(text);

  it('takes its length from `padded`, which the compiler sees to, and is put together by `repeated`: no other code repeats a part', () => {
    expect(offends("sql + ', ?'.repeat(ids.length)")).toBe(true);
    expect(offends("`IN (${ids.map(() => '?').join()})`")).toBe(true);
    expect(offends("asked.map(() => '(a = ? AND b = ?)').join(' OR ')")).toBe(true);
    expect(offends("Array(ids.length).fill('?').join(', ')")).toBe(true);
    expect(offends("Array.from({ length: n }, () => '?').join(', ')")).toBe(true);
    expect(offends("`IN (${placeholders(asked.length)})`; names.join(', ')")).toBe(false);
    const found = sources.filter(([path, text]) => !WITHOUT_SQL.test(path) && !MAKERS.includes(path) && offends(text));
    expect(found.map(([path]) => path)).toEqual([]);
  });

  it('is made a list length by nobody else', () => {
    const branded = sources.filter(([, text]) => /\bas (?:unknown as )?(?:ListLength|Padded\b)/.test(text));
    expect(branded.map(([path]) => path)).toEqual(['database/sql.ts']);
  });
});

describe('the entities', () => {
  const modules = sources.filter(([path]) => path.endsWith('.module.ts'));

  /** Tables of no feature: what makes an effect come once, and what measures time. */
  const ofDatabase = ['IdempotencyKey', 'UptimeMark'];

  it.each(model.entities.map(({ name }) => name).filter((name) => !ofDatabase.includes(name)))(
    '%s belongs to the module of its feature',
    (name) => {
      const file = sources.find(([, text]) => new RegExp(`export class ${name} `).test(text))![0];
      const feature = /^modules\/[^/]+\//.exec(file)![0];
      const owners = modules.filter(([, text]) => new RegExp(`forFeature\\(\\[[^\\]]*\\b${name}\\b`).test(text));
      expect(owners.map(([path]) => path).filter((path) => path.startsWith(feature))).toHaveLength(1);
      expect(owners).toHaveLength(1);
    },
  );

  it('are called what they are: no Row beside a twin', () => {
    expect(model.entities.filter(({ name }) => name.endsWith('Row'))).toEqual([]);
  });

  it('are all that TypeORM knows', () => {
    const tables = getMetadataArgsStorage().tables.map(({ target }) => target);
    expect(new Set(tables)).toEqual(new Set(model.entities));
  });
});
