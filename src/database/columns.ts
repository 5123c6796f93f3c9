import { Column, PrimaryColumn, PrimaryGeneratedColumn, getMetadataArgsStorage, type ValueTransformer } from 'typeorm';
import type { DatabaseKind } from './sql.js';

/** Every text compares byte by byte on both databases: under MySQL's default collation `oAbC` and `oabc` are one user. */
const BINARY_TEXT = { charset: 'utf8mb4', collation: 'utf8mb4_bin' } as const;

/** TypeORM's MySQL driver makes text of every bigint; a prepared statement gives the number itself. */
const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null ? null : Number(value)),
};
const flag: ValueTransformer = { to: (value: unknown) => value, from: (value: unknown) => Boolean(value) };
const json: ValueTransformer = {
  to: (value: unknown) => (value === undefined || value === null ? value : JSON.stringify(value)),
  from: (value: unknown) => (value === null ? null : (JSON.parse(value as string) as unknown)),
};

interface Nullable {
  /** Where the column is not called as its property in snake case. */
  readonly name?: string;
  readonly nullable?: boolean;
}

/** An id that counts up. */
export const Counter = (): PropertyDecorator =>
  PrimaryGeneratedColumn({ type: 'integer', transformer: wholeNumber } as never);

/** A reference to another row's id, as key or as column. */
export const Ref = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'integer', transformer: wholeNumber, ...options });
export const KeyRef = (): PropertyDecorator => PrimaryColumn({ type: 'integer', transformer: wholeNumber });

/** Text of at most `length` characters. */
export const Text = (length: number, options: Nullable & { default?: string } = {}): PropertyDecorator =>
  Column({ type: 'varchar', length, ...BINARY_TEXT, ...options });
export const KeyText = (length: number): PropertyDecorator =>
  PrimaryColumn({ type: 'varchar', length, ...BINARY_TEXT });
export const LongText = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'text', ...BINARY_TEXT, ...options });
/** What survives JSON, stored as its text, of at most `length` characters if given; null is NULL. */
export const Json = (options: Nullable & { length?: number } = {}): PropertyDecorator =>
  Column({ type: options.length ? 'varchar' : 'text', ...BINARY_TEXT, transformer: json, ...options });

/** A whole number: fen, coins, counts. */
export const Whole = (options: Nullable & { default?: number } = {}): PropertyDecorator =>
  Column({ type: 'bigint', transformer: wholeNumber, ...options });
/** A small whole number: a state, a permission, a count of pictures. */
export const Small = (options: Nullable & { default?: number } = {}): PropertyDecorator =>
  Column({ type: 'int', ...options });
/** A moment in milliseconds since the epoch. */
export const Instant = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'bigint', transformer: wholeNumber, ...options });
export const Flag = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'smallint', transformer: flag, ...options });

/** What a row of a prepared statement needs before it is the entity: numbers come as numbers already. */
export function storedTransformer(transformer: unknown): ValueTransformer | null {
  return transformer === flag ? flag : transformer === json ? json : null;
}

/** Decorators run before the database is known: ids become bigint on MySQL, collations go on SQLite. */
export function adaptColumns(kind: DatabaseKind): void {
  for (const { options } of getMetadataArgsStorage().columns) {
    if (kind === 'mysql' && options.type === 'integer') options.type = 'bigint';
    if (kind === 'sqlite') {
      if (options.type === 'bigint' && options.primary) options.type = 'integer';
      delete options.charset;
      delete options.collation;
    }
  }
}
