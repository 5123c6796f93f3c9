/** Past this many keys the older half is forgotten. */
const MOST_RECENT = 20_000;

/** Which keys were asked for lately: within one to two `window`s. */
export class RecentKeys<K> {
  private recent = new Set<K>();
  private older = new Set<K>();
  private since = 0;

  /** @param window milliseconds */
  constructor(private readonly window: number) {}

  /** Notes it; returns whether it was asked for before. */
  note(key: K, now: number): boolean {
    if (now - this.since > this.window || this.recent.size >= MOST_RECENT) {
      this.older = now - this.since > 2 * this.window ? new Set() : this.recent;
      this.recent = new Set();
      this.since = now;
    }
    const isKnown = this.recent.has(key) || this.older.has(key);
    this.recent.add(key);
    return isKnown;
  }
}
