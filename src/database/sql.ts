export type SqlValue = string | number | bigint | boolean | Date | Buffer | null;

export interface ExecuteResult<Row> {
  readonly rows: Row[];
  /** Rows matched by an UPDATE or DELETE, inserted by an INSERT (0 for one that was ignored). */
  readonly affected: number;
  /** Generated id of a single-row INSERT. */
  readonly insertId: number;
}

export type DatabaseKind = 'sqlite' | 'mysql';

/** The few words in which the two databases differ. Column and table names are ours, never a caller's. */
export class SqlWords {
  constructor(readonly kind: DatabaseKind) {}

  get insertIgnore(): string {
    return this.kind === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE';
  }

  /** Row lock at the end of a SELECT; SQLite has one writer and needs none. */
  get forUpdate(): string {
    return this.kind === 'mysql' ? ' FOR UPDATE' : '';
  }

  /** `onConflict(['user_id'], 'count = count + 1')` at the end of an INSERT. */
  onConflict(keyColumns: readonly string[], assignments: string): string {
    return this.kind === 'mysql'
      ? ` ON DUPLICATE KEY UPDATE ${assignments}`
      : ` ON CONFLICT (${keyColumns.join(', ')}) DO UPDATE SET ${assignments}`;
  }

  /**
   * Ends an INSERT of `column` = 1 that adds 1 where the row exists; {@link counted} finds the new value in the result, so
   * that no second statement asks for it.
   */
  onConflictCount(keyColumns: readonly string[], column: string, assignments: string): string {
    const next = `${column} + 1`;
    return this.kind === 'mysql'
      ? this.onConflict(keyColumns, `${column} = LAST_INSERT_ID(${next}), ${assignments}`)
      : `${this.onConflict(keyColumns, `${column} = ${next}, ${assignments}`)} RETURNING ${column} AS counted`;
  }

  /** MySQL counts 1 for a row that was inserted and 2 for one that was updated. */
  counted({ rows, affected, insertId }: ExecuteResult<{ readonly counted: number }>): number {
    if (this.kind === 'sqlite') return rows[0].counted;
    return affected === 1 ? 1 : insertId;
  }

  /** The value that the conflicting INSERT wanted to give `column`. */
  proposed(column: string): string {
    return this.kind === 'mysql' ? `VALUES(${column})` : `excluded.${column}`;
  }
}

/** `placeholders(3)` is `?, ?, ?`. */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
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
