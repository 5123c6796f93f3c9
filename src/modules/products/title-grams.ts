/** Code points stay below 2^21, so a pair fits into 42 bits; 0 follows a single one, because NUL is in no title. */
const BASE = 2 ** 21;

/** Titles are compared without regard to letter case. */
export function foldTitle(text: string): string {
  return text.toLowerCase();
}

function codePoints(folded: string): number[] {
  return Array.from(folded, (character) => character.codePointAt(0)!);
}

function pairs(points: readonly number[]): number[] {
  return points.slice(1).map((point, index) => points[index] * BASE + point);
}

/** Every character and every pair of neighbours of a folded title, as numbers, each once. */
export function gramsOfTitle(folded: string): number[] {
  const points = codePoints(folded);
  return [...new Set([...points.map((point) => point * BASE), ...pairs(points)])];
}

/** Grams that every title containing the folded, not empty key has; `exact` when they say all there is to say. */
export function gramsOfKey(folded: string): { grams: number[]; exact: boolean } {
  const points = codePoints(folded);
  if (points.length === 1) return { grams: [points[0] * BASE], exact: true };
  return { grams: [...new Set(pairs(points))], exact: points.length === 2 };
}
