import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

/*
 * What a view's types cannot say to the schema: a number is an integer, in which unit, within which bounds. Texts, booleans,
 * lists, other views and descriptions (from doc comments) are read from the class itself.
 */

const integer = (options: ApiPropertyOptions = {}): PropertyDecorator =>
  ApiProperty({ type: 'integer', format: 'int64', ...options });

/** An id, above zero. */
export const ViewId = (): PropertyDecorator => integer({ minimum: 1 });
export const ViewIdList = (): PropertyDecorator =>
  ApiProperty({ type: 'array', items: { type: 'integer', format: 'int64', minimum: 1 } });
/** A whole number, by default not negative. */
export const ViewInt = (minimum = 0, maximum?: number): PropertyDecorator => integer({ minimum, maximum });
/** An amount of fen. */
export const ViewFen = (minimum?: number): PropertyDecorator => integer({ minimum, title: 'Fen' });
/** An amount of yuan. */
export const ViewYuan = (minimum?: number): PropertyDecorator =>
  ApiProperty({ type: 'number', multipleOf: 0.01, minimum, title: 'Yuan' });
/** Unix seconds, 0 for no time. */
export const ViewSeconds = (): PropertyDecorator => integer({ minimum: 0, title: 'Unix seconds, 0 for none' });
/** Milliseconds since the epoch, 0 for no time. */
export const ViewMilliseconds = (): PropertyDecorator =>
  integer({ minimum: 0, title: 'Milliseconds since the epoch, 0 for none' });
/** `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai. */
export const ViewShanghaiTime = (): PropertyDecorator =>
  ApiProperty({ type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`, title: 'Asia/Shanghai' });
/** One of these. */
export const ViewOneOf = (...values: readonly (string | number)[]): PropertyDecorator =>
  ApiProperty({ type: typeof values[0] === 'number' ? 'integer' : 'string', enum: [...values] });
