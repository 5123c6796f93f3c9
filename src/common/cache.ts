import { LRUCache } from 'lru-cache';

/** How long an instance trusts what it read (milliseconds): another instance's change is seen within a second. */
const DEFAULT_TTL = 900;

interface Entry<V> {
  readonly loading: Promise<V>;
  /** Undefined until loaded. */
  value?: V;
}

/** Keeps committed reads for less than a second. Callers at the same time share one read; what this instance changes it evicts. */
export class Cache<K extends string | number, V> {
  private readonly entries: LRUCache<K, Entry<V>>;

  /** Keeps at most `max` values, the least recently used go first; `ttl` in milliseconds of `clock`. */
  constructor(max: number, ttl: number = DEFAULT_TTL, clock: { now(): number } = performance) {
    this.entries = new LRUCache({ max, ttl, ttlResolution: 0, perf: clock });
  }

  /** `load` begins after the call, so a value is never older than its ttl. Rejections are not kept. */
  get(key: K, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known) return known.loading;
    const entry: Entry<V> = { loading: load() };
    this.entries.set(key, entry);
    void this.settle(key, entry);
    return entry.loading;
  }

  evict(key: K): void {
    this.entries.delete(key);
  }

  /** Evicts what `concerns` names, and all that is still loading. */
  evictWhere(concerns: (value: V) => boolean): void {
    for (const [key, { value }] of this.entries) {
      if (value === undefined || concerns(value)) this.entries.delete(key);
    }
  }

  clear(): void {
    this.entries.clear();
  }

  private async settle(key: K, entry: Entry<V>): Promise<void> {
    try {
      entry.value = await entry.loading;
    } catch {
      if (this.entries.peek(key) === entry) this.entries.delete(key);
    }
  }
}
