import { Column, PrimaryColumn, PrimaryGeneratedColumn, getMetadataArgsStorage } from 'typeorm';
import type { DatabaseKind } from './sql.js';

/** Every text compares byte by byte on both databases: under MySQL's default collation `oAbC` and `oabc` are one user. */
const BINARY_TEXT = { charset: 'utf8mb4', collation: 'utf8mb4_bin' } as const;
const toNumber = { to: (value: unknown) => value, from: (value: unknown) => (value === null ? null : Number(value)) };
const toDate = {
  to: (value: Date | null | undefined) => (value instanceof Date ? value.getTime() : value),
  from: (value: unknown) => (value === null ? null : new Date(Number(value))),
};

interface Nullable {
  readonly name?: string;
  readonly nullable?: boolean;
}

/** An id that counts up. */
export const Counter = (): PropertyDecorator =>
  PrimaryGeneratedColumn({ type: 'integer', transformer: toNumber } as never);

/** A reference to another row's id, as key or as column. */
export const Ref = (name: string, options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'integer', name, transformer: toNumber, ...options });
export const KeyRef = (name: string): PropertyDecorator =>
  PrimaryColumn({ type: 'integer', name, transformer: toNumber });

/** Text of at most `length` characters. */
export const Text = (length: number, options: Nullable & { default?: string } = {}): PropertyDecorator =>
  Column({ type: 'varchar', length, ...BINARY_TEXT, ...options });
export const KeyText = (length: number, name?: string): PropertyDecorator =>
  PrimaryColumn({ type: 'varchar', length, ...BINARY_TEXT, ...(name ? { name } : {}) });
export const LongText = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'text', ...BINARY_TEXT, ...options });

/** A whole number: fen, coins, counts. */
export const Whole = (options: Nullable & { default?: number } = {}): PropertyDecorator =>
  Column({ type: 'bigint', transformer: toNumber, ...options });

/** A small whole number: a state, a permission, a count of pictures. */
export const Small = (options: Nullable & { default?: number } = {}): PropertyDecorator =>
  Column({ type: 'int', ...options });

/** A moment, stored as milliseconds since the epoch. */
export const Instant = (options: Nullable = {}): PropertyDecorator =>
  Column({ type: 'bigint', transformer: toDate, ...options });

export const Flag = (options: Nullable = {}): PropertyDecorator => Column({ type: 'smallint', ...options });

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
