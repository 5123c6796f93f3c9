/** When to ask WeChat next, in milliseconds; `ladder` holds seconds, its last step repeats. */
export function nextCheck(ladder: readonly number[], checks: number, now: number): number {
  const seconds = ladder[Math.min(checks, ladder.length - 1)] ?? 60;
  return now + Math.round(seconds * 1000);
}
