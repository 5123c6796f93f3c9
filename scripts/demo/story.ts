import { isDeepStrictEqual } from 'node:util';

let steps = 0;

export function chapter(title: string): void {
  console.log(`\n${title}`);
}

/** One step of the story: does it, and says what it proved. A false note ends the demo. */
export async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const result = await act();
  steps += 1;
  console.log(`  ${String(steps).padStart(2)}. ${what}`);
  return result;
}

/** @throws Error that shows both when they differ */
export function proves(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

export function told(): number {
  return steps;
}
