declare const fenBrand: unique symbol;

/** An integer amount of fen (1/100 yuan); signed where a statement is, otherwise not negative. */
export type Fen = number & { readonly [fenBrand]: true };

/** Prices and totals stay below 2^31 fen (docs/wires.md, api-v1, changeStatus). */
export const MAX_FEN = 2 ** 31 - 1;

/** @throws RangeError when the value is not a safe integer: an amount that was computed wrongly must not travel on */
export function fen(value: number): Fen {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount of fen: ${value}`);
  return value as Fen;
}

/** Splits `total` by `weights` so that the parts sum to the whole; the remainder goes to the largest fractions, first come first. */
export function allocate(total: Fen, weights: readonly number[]): Fen[] {
  const sum = weights.reduce((a, b) => a + BigInt(b), 0n);
  if (sum <= 0n) throw new RangeError('weights must sum to more than zero');
  const exact = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = exact.map((value) => value / sum);
  let rest = BigInt(total) - parts.reduce((a, b) => a + b, 0n);
  const byFraction = exact.map((value, index) => ({ index, fraction: value % sum }));
  byFraction.sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  for (const { index } of byFraction) {
    if (rest === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    rest -= 1n;
  }
  return parts.map((part) => fen(Number(part)));
}

/** `12.3`, `12.30` and `12` are 1230, 1230 and 1200 fen; digits are moved, nothing is calculated in yuan. Null for anything else. */
export function fenOfYuan(yuan: string): Fen | null {
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(yuan);
  return match ? fen(Number(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`)) : null;
}
