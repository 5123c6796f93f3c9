export type SqlValue = string | number | bigint | boolean | Date | Buffer | null;

export interface ExecuteResult<Row> {
  readonly rows: Row[];
  /** Rows matched by an UPDATE or DELETE, inserted by an INSERT. */
  readonly affected: number;
  /** Generated id of a single-row INSERT; the new value of {@link SqlDialect.updateOne}. */
  readonly insertId: number;
}

export interface NewestPage {
  readonly table: string;
  readonly alias: string;
  /** Begins with the columns that `where` compares and ends with the id, so that the page is the last rows of one range. */
  readonly index: string;
  readonly where: string;
}

export type DatabaseKind = 'sqlite' | 'mysql';

/** The few words in which the two databases differ. Column and table names are ours, never a caller's. */
export class SqlDialect {
  constructor(readonly kind: DatabaseKind) {}

  /** Row lock at the end of a SELECT; SQLite has one writer and needs none. */
  get forUpdate(): string {
    return this.kind === 'mysql' ? ' FOR UPDATE' : '';
  }

  /**
   * Behind the table of a SELECT: its rows come by this index. MySQL walks the whole primary key where it believes that the
   * first rows of an ORDER BY id will turn up soon; SQLite takes the index that fits the WHERE.
   */
  byIndex(name: string): string {
    return this.kind === 'mysql' ? ` FORCE INDEX (${name})` : '';
  }

  /** Joins the next table after this one and never before it: the writer knows which has fewer rows. */
  get joinInOrder(): string {
    return this.kind === 'mysql' ? 'STRAIGHT_JOIN' : 'CROSS JOIN';
  }

  /** The rows of a page whose ids `ids` selects: only they are read as a whole. The page's length and its begin are parameters. */
  pageOf(ids: string, table: string, alias: string): string {
    return `(${ids} LIMIT ? OFFSET ?) page ${this.joinInOrder} ${table} ${alias} ON ${alias}.id = page.id`;
  }

  /** {@link pageOf} the newest rows `where`; their ids come from `index` alone. */
  newestPage({ table, alias, index, where }: NewestPage): string {
    return this.pageOf(`SELECT id FROM ${table}${this.byIndex(index)} WHERE ${where} ORDER BY id DESC`, table, alias);
  }

  /** `onConflict(['user_id'], 'count = count + 1')` at the end of an INSERT. */
  onConflict(keyColumns: readonly string[], assignments: string): string {
    return this.kind === 'mysql'
      ? ` ON DUPLICATE KEY UPDATE ${assignments}`
      : ` ON CONFLICT (${keyColumns.join(', ')}) DO UPDATE SET ${assignments}`;
  }

  /**
   * Ends an INSERT of `column` = 1 that adds 1 where the row exists; {@link incremented} finds the new value in the result, so
   * that no second statement asks for it.
   */
  onConflictIncrement(keyColumns: readonly string[], column: string, assignments: string): string {
    const next = `${column} + 1`;
    return this.kind === 'mysql'
      ? this.onConflict(keyColumns, `${column} = LAST_INSERT_ID(${next}), ${assignments}`)
      : `${this.onConflict(keyColumns, `${column} = ${next}, ${assignments}`)} RETURNING ${column} AS incremented`;
  }

  /** Null when there was nothing to insert. MySQL counts 1 for a row that was inserted and 2 for one that was updated. */
  incremented({ rows, affected, insertId }: ExecuteResult<{ readonly incremented: number }>): number | null {
    if (this.kind === 'sqlite') return rows[0]?.incremented ?? null;
    return affected === 2 ? insertId : affected || null;
  }

  /** An UPDATE of one row whose new value of `column` {@link updated} finds in the result, so that no second statement asks for it. */
  updateOne(table: string, column: string, next: string, condition: string): string {
    return this.kind === 'mysql'
      ? `UPDATE ${table} SET ${column} = LAST_INSERT_ID(${next}) WHERE ${condition}`
      : `UPDATE ${table} SET ${column} = ${next} WHERE ${condition} RETURNING ${column} AS updated`;
  }

  /** Null when no row met the condition. */
  updated({ rows, affected, insertId }: ExecuteResult<{ readonly updated: number }>): number | null {
    if (this.kind === 'sqlite') return rows[0]?.updated ?? null;
    return affected === 0 ? null : insertId;
  }

  /** The value that the conflicting INSERT wanted to give `column`. */
  excluded(column: string): string {
    return this.kind === 'mysql' ? `VALUES(${column})` : `excluded.${column}`;
  }
}

declare const fewBrand: unique symbol;

/** A power of two, at most {@link MOST_VALUES}: the only count on which the text of a prepared statement may depend (docs/security.md 3.5). */
export type ListLength = number & { readonly [fewBrand]: true };

/** A list for a statement; {@link padded} makes it. */
export interface Padded<T> extends ReadonlyArray<T> {
  readonly length: ListLength;
}

/** More values than this stand in no condition. */
const MOST_VALUES = 1024;

/** The last one again until their number is a power of two, so that few texts are prepared; for conditions that may repeat. */
export function padded<T>(values: readonly T[]): Padded<T> {
  if (values.length > MOST_VALUES) throw new RangeError(`${values.length} values in one statement`);
  const length = 2 ** Math.ceil(Math.log2(values.length));
  const list =
    length === values.length ? values : [...values, ...Array<T>(length - values.length).fill(values.at(-1)!)];
  return list as Padded<T>;
}

/** {@link padded} in as many lists as it takes. */
export function paddedParts<T>(values: readonly T[]): Padded<T>[] {
  const count = Math.ceil(values.length / MOST_VALUES);
  return Array.from({ length: count }, (_, part) => padded(values.slice(part * MOST_VALUES, (part + 1) * MOST_VALUES)));
}

/** `part` once for each value of a list. */
export function repeated(part: string, separator: string, count: ListLength): string {
  return count === 0 ? '' : part + (separator + part).repeat(count - 1);
}

/** `?, ?, ?, ?` for a list of four. */
export function placeholders(count: ListLength): string {
  return repeated('?', ', ', count);
}

/** Texts that depend on a count alone, put together once for each: a hot statement is looked up by its text. */
export function byCount(text: (count: ListLength) => string): (count: ListLength) => string {
  const kept = new Map<number, string>();
  return (count) => {
    let made = kept.get(count);
    if (made === undefined) kept.set(count, (made = text(count)));
    return made;
  };
}

/** As {@link byCount}, for texts in which the two databases differ. */
export function byDialect(
  text: (dialect: SqlDialect, count: ListLength) => string,
): (dialect: SqlDialect, count?: ListLength) => string {
  const kept = {
    sqlite: byCount((count) => text(new SqlDialect('sqlite'), count)),
    mysql: byCount((count) => text(new SqlDialect('mysql'), count)),
  };
  return (dialect, count = 1 as ListLength) => kept[dialect.kind](count);
}

/** Escapes `%`, `_` and `\` for a LIKE with `ESCAPE '!'`. */
export function likeLiteral(text: string): string {
  return text.replace(/[!%_]/g, (character) => `!${character}`);
}

export function bindable(value: SqlValue): string | number | bigint | Buffer | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  return value;
}
