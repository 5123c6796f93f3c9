import type { Fen } from '../../common/money.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object in a JSON text, or null when it is no JSON or no object. WeChat sends JSON under several content types. */
export function parseJsonObject(text: string | Buffer): JsonObject | null {
  try {
    return asObject(JSON.parse(text.toString()));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** A non-empty text, otherwise null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A whole number of fen, zero or more, otherwise null. */
export function fenOf(value: unknown): Fen | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? (value as Fen) : null;
}
