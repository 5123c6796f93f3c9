import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { DomainError } from '../common/domain-error.js';
import {
  id,
  integer,
  listOf,
  oneOf,
  pageLength,
  pictureUrl,
  REFUSED,
  seconds,
  text,
  yuan,
  type Codec,
} from './scalars.js';

export interface FieldOptions {
  readonly optional?: boolean;
  readonly example?: unknown;
  readonly description?: string;
  /** Used when the field is absent; makes it optional. */
  readonly default?: unknown;
}

interface DeclaredField {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly optional: boolean;
  readonly fallback: unknown;
}

type DtoClass<T extends object> = new () => T;

const declared = new Map<object, DeclaredField[]>();
const resolved = new Map<object, readonly DeclaredField[]>();

/** A field of a request: read by `codec`, refused with a sentence that names it. Unknown fields never reach a DTO. */
export function Field<T>(codec: Codec<T>, options: FieldOptions = {}): PropertyDecorator {
  const optional = options.optional === true || options.default !== undefined;
  const declare: PropertyDecorator = (prototype, name) => {
    const fields = declared.get(prototype) ?? [];
    fields.push({ name: String(name), codec, optional, fallback: options.default });
    declared.set(prototype, fields);
  };
  return applyDecorators(declare, ApiProperty({ ...codec.schema, required: !optional, ...docOf(options) }));
}

/** Own and inherited fields of a DTO class. */
function fieldsOf(type: DtoClass<object>): readonly DeclaredField[] {
  const known = resolved.get(type);
  if (known) return known;
  const fields: DeclaredField[] = [];
  for (
    let prototype = type.prototype as object | null;
    prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    fields.unshift(...(declared.get(prototype) ?? []));
  }
  resolved.set(type, fields);
  return fields;
}

function docOf({ example, description, default: fallback }: FieldOptions): object {
  return {
    ...(example === undefined ? {} : { example }),
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

export const Id = (options?: FieldOptions): PropertyDecorator => Field(id, options);
export const Int = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(integer(min, max), options);
export const Str = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(text(min, max), options);
/** Yuan on the wire, fen in the DTO; the bounds are fen. */
export const Yuan = (minFen: number, maxFen: number, options?: FieldOptions): PropertyDecorator =>
  Field(yuan(minFen, maxFen), options);
/** Unix seconds on the wire, a Date in the DTO. */
export const Seconds = (options?: FieldOptions): PropertyDecorator => Field(seconds, options);
export const IdList = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(listOf(id, min, max), options);
export const StrList = (
  min: number,
  max: number,
  item: { min: number; max: number },
  options?: FieldOptions,
): PropertyDecorator => Field(listOf(text(item.min, item.max), min, max), options);
export const OneOf = (values: readonly (string | number)[], options?: FieldOptions): PropertyDecorator =>
  Field(oneOf(...values), options);
/** An address of a picture: http(s), a mini program's `wxfile:`, or empty. It is stored and never fetched (security.md J9). */
export const PictureUrl = (options?: FieldOptions): PropertyDecorator => Field(pictureUrl, options);
export const From = (): PropertyDecorator => Field(integer(0, Number.MAX_SAFE_INTEGER), { default: 0 });
export const Length = (fallback: number): PropertyDecorator => Field(pageLength, { default: fallback });

/** A list of objects, or (with `single`) one object, of another DTO class. */
export function Nested<T extends object>(
  type: DtoClass<T>,
  options: FieldOptions & { readonly min?: number; readonly max?: number; readonly single?: boolean } = {},
): PropertyDecorator {
  const object: Codec<T> = {
    decode: (raw) => {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return REFUSED;
      const { value, problems } = decode(type, raw as Record<string, unknown>);
      return problems.length > 0 ? REFUSED : value;
    },
    rule: 'an object with valid fields',
    schema: { type },
  };
  if (options.single) return Field(object, options);
  return Field({ ...listOf(object, options.min ?? 0, options.max ?? 1000), schema: { type, isArray: true } }, options);
}

function decode<T extends object>(
  type: DtoClass<T>,
  raw: Readonly<Record<string, unknown>>,
): { value: T; problems: string[] } {
  const value = new type();
  const problems: string[] = [];
  for (const { name, codec, optional, fallback } of fieldsOf(type)) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (given === undefined) {
      if (!optional) problems.push(`${name} is required`);
      else if (fallback !== undefined) (value as Record<string, unknown>)[name] = fallback;
      continue;
    }
    const read = codec.decode(given);
    if (read === REFUSED) problems.push(`${name} must be ${codec.rule}`);
    else (value as Record<string, unknown>)[name] = read;
  }
  return { value, problems };
}

/** Reads a request into its DTO. @throws DomainError `invalid` that names every wrong field */
export function readInput<T extends object>(type: DtoClass<T>, raw: Readonly<Record<string, unknown>>): T {
  const { value, problems } = decode(type, raw);
  if (problems.length > 0) throw new DomainError('invalid', problems.join('; '));
  return value;
}
