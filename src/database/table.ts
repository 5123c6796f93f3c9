import { getMetadataArgsStorage, type ValueTransformer } from 'typeorm';
import { storedTransformer } from './columns.js';
import { snakeCase } from './naming.js';
import type { SqlValue } from './sql.js';

declare const storedBrand: unique symbol;

/** A row as a prepared statement gives it: {@link Table.rows} makes it what the entity says. */
export interface Stored<E> {
  readonly [storedBrand]: E;
}

export interface SqlPart {
  readonly sql: string;
  readonly params: SqlValue[];
}

interface StoredColumn {
  readonly name: string;
  /** Null where the driver's value is the entity's. */
  readonly transformer: ValueTransformer | null;
}

interface InsertShape {
  readonly head: string;
  readonly tuple: string;
  readonly columns: readonly StoredColumn[];
  /** By their number of rows, {@link MOST_PREPARED_ROWS} at most. */
  readonly texts: string[];
}

const MOST_PREPARED_ROWS = 8;

/** Rows do not repeat as the values of a condition may: an INSERT of many is sent without being prepared. */
export function isPreparedInsert(rows: number): boolean {
  return rows <= MOST_PREPARED_ROWS;
}

/** What a hand-written statement needs to know of an entity, so that no statement spells a column list. */
export class Table<E extends object> {
  readonly name: string;
  private readonly columns: ReadonlyMap<string, StoredColumn>;
  private readonly transformed: readonly (readonly [field: string, transformer: ValueTransformer])[];
  /** By the fields of the rows: as many as there are places in the source that insert. */
  private readonly shapes = new Map<string, InsertShape>();

  constructor(entity: new () => E) {
    const storage = getMetadataArgsStorage();
    const name = storage.tables.find(({ target }) => target === entity)?.name;
    if (!name) throw new Error(`${entity.name} is no table`);
    this.name = name;
    const columns = storage.columns.filter(({ target }) => target === entity);
    this.columns = new Map(
      columns.map(({ propertyName, options }) => [
        propertyName,
        { name: options.name ?? snakeCase(propertyName), transformer: storedTransformer(options.transformer) },
      ]),
    );
    this.transformed = [...this.columns].flatMap(([field, { transformer }]) =>
      transformer ? [[field, transformer] as const] : [],
    );
  }

  /** `id, buyer_id AS buyerId, …`: all columns, or those named; `alias` in front where tables are joined. */
  select(fields: readonly (keyof E & string)[] = this.fields, alias?: string): string {
    return fields
      .map((field) => {
        const { name } = this.column(field);
        const qualified = alias ? `${alias}.${name}` : name;
        return name === field ? qualified : `${qualified} AS ${field}`;
      })
      .join(', ');
  }

  /** `id, buyer_id, …`: where a statement names columns that it fills from a SELECT. */
  names(fields: readonly (keyof E & string)[]): string {
    return fields.map((field) => this.column(field).name).join(', ');
  }

  /** All fields but these, for {@link select}. */
  without<K extends keyof E & string>(...left: readonly K[]): Exclude<keyof E & string, K>[] {
    return this.fields.filter((field) => !left.includes(field as K)) as Exclude<keyof E & string, K>[];
  }

  /** Changes the rows in place: flags become booleans, JSON what it says. They may carry columns of joined tables. */
  rows<R extends object>(stored: readonly Stored<R>[]): R[] {
    const rows = stored as unknown as Record<string, unknown>[];
    for (const [field, transformer] of this.transformed) {
      for (const row of rows) if (field in row) row[field] = transformer.from(row[field]);
    }
    return rows as R[];
  }

  /** One INSERT for all rows, of which there is at least one; all rows have the fields of the first. */
  insert(rows: readonly Readonly<Partial<E>>[]): SqlPart {
    const fields = Object.keys(rows[0]) as (keyof E & string)[];
    const shape = this.insertShape(fields);
    const { columns } = shape;
    const params: SqlValue[] = [];
    for (const row of rows) {
      for (const [index, field] of fields.entries()) params.push(toStored(row[field], columns[index]));
    }
    return { sql: insertText(shape, rows.length), params };
  }

  /** `status = ?, paid_at = ?` and its parameters; a field that is undefined stays as it is. */
  assign(change: { readonly [K in keyof E]?: E[K] | undefined }): SqlPart {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const columns = given.map(([field]) => this.column(field));
    return {
      sql: columns.map(({ name }) => `${name} = ?`).join(', '),
      params: given.map(([, value], index) => toStored(value, columns[index])),
    };
  }

  /** Worked out once for all inserts of the same fields. */
  private insertShape(fields: readonly string[]): InsertShape {
    const key = fields.join();
    let shape = this.shapes.get(key);
    if (!shape) {
      const columns = fields.map((field) => this.column(field));
      const names = columns.map(({ name }) => name).join(', ');
      const tuple = `(${columns.map(() => '?').join(', ')})`;
      shape = { head: `INSERT INTO ${this.name} (${names}) VALUES ${tuple}`, tuple, columns, texts: [] };
      this.shapes.set(key, shape);
    }
    return shape;
  }

  private get fields(): (keyof E & string)[] {
    return [...this.columns.keys()] as (keyof E & string)[];
  }

  private column(field: string): StoredColumn {
    const column = this.columns.get(field);
    if (!column) throw new Error(`${this.name} has no column for ${field}`);
    return column;
  }
}

function insertText({ head, tuple, texts }: InsertShape, rows: number): string {
  const made = texts[rows] ?? head + `, ${tuple}`.repeat(rows - 1);
  return isPreparedInsert(rows) ? (texts[rows] = made) : made;
}

function toStored(value: unknown, { transformer }: StoredColumn): SqlValue {
  return (transformer ? transformer.to(value) : value) as SqlValue;
}

/** The table of an entity; to be asked for once, where a file's statements begin. */
export function tableOf<E extends object>(entity: new () => E): Table<E> {
  return new Table(entity);
}
