import { toBeijingTime } from '../common/beijing-time.js';
import { fenOfYuan, MAX_FEN, type Fen } from '../common/money.js';
import { MAX_PAGE_LENGTH } from '../common/page.js';

/** What a codec returns for a value that it refuses. */
export const REFUSED = Symbol('refused');
export type Refused = typeof REFUSED;

/** Reads one wire value. Lenient where the wires say so: decimal text for a number; strict in everything else. */
export interface Codec<T> {
  decode(raw: unknown): T | Refused;
  /** Completes the sentence "<field> must be …". */
  readonly rule: string;
  /** OpenAPI schema of the wire value. */
  readonly schema: Readonly<Record<string, unknown>>;
}

function wholeNumber(raw: unknown): number | Refused {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? raw + 0 : REFUSED;
  if (typeof raw !== 'string' || !/^-?\d{1,16}$/.test(raw)) return REFUSED;
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value + 0 : REFUSED;
}

export function integer(min: number, max: number): Codec<number> {
  return {
    decode: (raw) => {
      const value = wholeNumber(raw);
      return value === REFUSED || value < min || value > max ? REFUSED : value;
    },
    rule: `a whole number from ${min} to ${max}`,
    schema: { type: 'integer', minimum: min, maximum: max },
  };
}

/** As a number, or as canonical decimal text: `028` and `+1` name nothing, though they could be counted. */
export const id: Codec<number> = {
  decode: (raw) => {
    const value = typeof raw === 'string' && !/^[1-9]\d{0,15}$/.test(raw) ? REFUSED : wholeNumber(raw);
    return value === REFUSED || value < 1 ? REFUSED : value;
  },
  rule: 'an id',
  schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
};

/** `length` of a list: at least 1, more than 100 counts as 100 (docs/wires.md, lists). */
export const pageLength: Codec<number> = {
  decode: (raw) => {
    const value = wholeNumber(raw);
    return value === REFUSED || value < 1 ? REFUSED : Math.min(value, MAX_PAGE_LENGTH);
  },
  rule: 'a whole number from 1',
  schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE_LENGTH },
};

export function text(min: number, max: number): Codec<string> {
  return {
    decode: (raw) => (typeof raw === 'string' && isUsableText(raw, min, max) ? raw : REFUSED),
    rule: min === 0 ? `text of at most ${max} characters` : `text of ${min} to ${max} characters`,
    schema: { type: 'string', minLength: min, maxLength: max },
  };
}

/** Lengths count characters, as the columns do; NUL and lone surrogates are refused. */
function isUsableText(value: string, min: number, max: number): boolean {
  if (value.length < min || value.length > 2 * max || value.includes('\0') || !value.isWellFormed()) return false;
  if (value.length <= max && min <= 1) return true;
  const characters = Array.from(value).length;
  return characters >= min && characters <= max;
}

export const pictureUrl: Codec<string> = {
  decode: (raw) => {
    const value = text(0, 1024).decode(raw);
    return value === REFUSED || /^(?:(?:https?|wxfile):\/\/\S*)?$/i.test(value) ? value : REFUSED;
  },
  rule: 'an http(s) address of at most 1024 characters',
  schema: { type: 'string', maxLength: 1024 },
};

/** Yuan with at most two decimals in, fen inside; no arithmetic on yuan (1.15 * 100 is not 115). */
export function yuan(minFen: number, maxFen: number = MAX_FEN): Codec<Fen> {
  return {
    decode: (raw) => {
      const value = typeof raw === 'number' || typeof raw === 'string' ? fenOfYuan(String(raw)) : null;
      return value === null || value < minFen || value > maxFen ? REFUSED : value;
    },
    rule: `an amount of yuan from ${minFen / 100} to ${maxFen / 100} with at most two decimals`,
    schema: { type: 'number', minimum: minFen / 100, maximum: maxFen / 100, multipleOf: 0.01 },
  };
}

/** Fen out as yuan: an integer over 100 is the nearest double of its decimal text. */
export function toYuan(amount: number): number {
  return amount / 100;
}

/** Unix seconds; 0 for no time. */
export function toSeconds(time: Date | number | null): number {
  return time === null ? 0 : Math.floor(Number(time) / 1000);
}

/** `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai, which has no summer time (docs/wires.md, web). */
export function toShanghaiTime(time: Date | number): string {
  return toBeijingTime(Number(time));
}

/** Unix seconds in, up to the year 9999. */
export const seconds: Codec<Date> = {
  decode: (raw) => {
    const value = wholeNumber(raw);
    return value === REFUSED || value < 0 || value > 253_402_300_799 ? REFUSED : new Date(value * 1000);
  },
  rule: 'Unix seconds',
  schema: { type: 'integer', minimum: 0 },
};

export function listOf<T>(item: Codec<T>, min: number, max: number): Codec<T[]> {
  return {
    decode: (raw) => {
      if (!Array.isArray(raw) || raw.length < min || raw.length > max) return REFUSED;
      const values = raw.map((value) => item.decode(value));
      return values.includes(REFUSED) ? REFUSED : (values as T[]);
    },
    rule: `a list of ${min} to ${max}, each ${item.rule}`,
    schema: { type: 'array', minItems: min, maxItems: max, items: item.schema },
  };
}

export function oneOf<T extends string | number>(...values: readonly T[]): Codec<T> {
  return {
    decode: (raw) =>
      values.find((value) => value === raw || (typeof value === 'number' && String(value) === raw)) ?? REFUSED,
    rule: `one of ${values.join(', ')}`,
    schema: { enum: [...values] },
  };
}
