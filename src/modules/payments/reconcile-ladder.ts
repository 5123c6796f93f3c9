/**
 * When to ask WeChat next, in milliseconds; `ladder` holds seconds, its last step repeats. Not later than the moment in
 * which the attempt expires, while that is to come.
 */
export function nextCheck(
  ladder: readonly number[],
  checks: number,
  now: number,
  expiresAt: number | null = null,
): number {
  const seconds = ladder[Math.min(checks, ladder.length - 1)] ?? 60;
  const next = now + Math.round(seconds * 1000);
  return expiresAt !== null && expiresAt > now ? Math.min(next, expiresAt) : next;
}
