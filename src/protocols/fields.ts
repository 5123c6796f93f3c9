import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { getMetadataStorage, ValidateBy, ValidateNested } from 'class-validator';
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
  /** The request may leave it out; its value is then that of the class's initialiser. */
  readonly optional?: boolean;
  readonly example?: unknown;
  readonly description?: string;
}

/** A field of a request, read by `codec`. Refusals are the wires' sentences: "<field> is required", "<field> must be <rule>". */
export function Field(codec: Codec<unknown>, { optional = false, ...doc }: FieldOptions = {}): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => codec.decode(value)),
    Codable(codec.rule, optional),
    ApiProperty({ ...codec.schema, required: !optional, ...doc }),
  );
}

/** Refuses what is missing, and what a codec has refused. */
function Codable(rule: string, optional: boolean): PropertyDecorator {
  return ValidateBy({
    name: 'codec',
    validator: {
      validate: (value) => (value === undefined ? optional : value !== REFUSED),
      defaultMessage: (at) => (at?.value === undefined ? '$property is required' : `$property must be ${rule}`),
    },
  });
}

export const Id = (options?: FieldOptions): PropertyDecorator => Field(id, options);
/** An id that the wire's document writes as text; a number is taken too. */
export const TextId = (options?: FieldOptions): PropertyDecorator =>
  Field({ ...id, schema: { type: 'string', pattern: '^[1-9][0-9]{0,15}$' } }, options);
export const Int = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(integer(min, max), options);
export const Str = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(text(min, max), options);
/** Yuan on the wire, fen in the DTO; the bounds are fen. */
export const Yuan = (min: number, max: number, options?: FieldOptions): PropertyDecorator =>
  Field(yuan(min, max), options);
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
/** An address of a picture: http(s), a mini program's `wxfile:`, or empty. It is stored and never fetched (docs/security.md J9). */
export const PictureUrl = (options?: FieldOptions): PropertyDecorator => Field(pictureUrl, options);
/** Where a page begins; optional, its default is the class's initialiser. */
export const From = (): PropertyDecorator => Field(integer(0, Number.MAX_SAFE_INTEGER), { optional: true });
/** Of a page; optional, its default is the class's initialiser. */
export const Length = (): PropertyDecorator => Field(pageLength, { optional: true });

interface NestedOptions {
  readonly min?: number;
  readonly max?: number;
  /** One object in place of a list. */
  readonly single?: boolean;
}

/** Objects of another DTO class; a refusal inside names its place: `comments.1.product_id must be an id`. */
export function Nested(type: new () => object, options: NestedOptions = {}): PropertyDecorator {
  const { min = 0, max = 1000, single = false } = options;
  const shape = single ? object : listOf(object, min, max);
  return applyDecorators(
    Type(() => type),
    Transform(({ value, obj, key }) =>
      shape.decode((obj as Record<string, unknown>)[key]) === REFUSED ? REFUSED : (value as unknown),
    ),
    Codable(shape.rule, false),
    ValidateNested(),
    ApiProperty({ type, isArray: !single, ...(single ? {} : { minItems: min, maxItems: max }) }),
  );
}

const object: Codec<unknown> = {
  decode: (raw) => (typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw : REFUSED),
  rule: 'an object with valid fields',
  schema: { type: 'object' },
};

/** The fields of a DTO, inherited ones among them. */
export function fieldNames(type: new () => object): string[] {
  const declared = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return [...new Set(declared.map(({ propertyName }) => propertyName))];
}
