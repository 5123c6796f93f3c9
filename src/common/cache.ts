import { LRUCache } from 'lru-cache';

/** How long an instance trusts what it read (milliseconds): another instance's change is seen within a second. */
const DEFAULT_TTL = 900;
/** Of what is not loaded yet. */
const UNKNOWN_SIZE = 1;

type Tag = string | number;

interface Entry<V> {
  readonly loading: Promise<V>;
  /** Undefined until loaded. */
  readonly value?: V;
}

export interface CacheOptions<K, V> {
  /** The least recently used go first, when the values together take more. */
  readonly bytes: number;
  /** Bytes that an entry takes with all that is kept on its value, roughly. */
  readonly sizeOf: (value: V, key: K) => number;
  /** What {@link Cache.evictTagged} finds a value by. */
  readonly tagsOf?: (value: V) => readonly Tag[];
  /** Milliseconds. */
  readonly ttl?: number;
  readonly clock?: { now(): number };
}

/** Keeps committed reads for less than a second. Callers at the same time share one read; what this instance changes it evicts. */
export class Cache<K extends string | number, V> {
  private readonly entries: LRUCache<K, Entry<V>>;
  private readonly loading = new Map<K, Entry<V>>();
  private readonly tagged = new Map<Tag, Set<K>>();

  constructor(private readonly options: CacheOptions<K, V>) {
    const { bytes, ttl = DEFAULT_TTL, clock = performance } = options;
    const dispose = (entry: Entry<V>, key: K): void => this.untag(entry, key);
    this.entries = new LRUCache({ maxSize: bytes, ttl, ttlResolution: 0, perf: clock, dispose });
  }

  /** `load` begins after the call, so a value is never older than its ttl. Rejections are not kept. */
  get(key: K, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known) return known.loading;
    const start = (this.options.clock ?? performance).now();
    const entry: Entry<V> = { loading: load() };
    this.entries.set(key, entry, { size: UNKNOWN_SIZE });
    this.loading.set(key, entry);
    void this.settle(key, entry, start);
    return entry.loading;
  }

  evict(key: K): void {
    this.loading.delete(key);
    this.entries.delete(key);
  }

  /** Evicts what has this tag, and all that is still loading. */
  evictTagged(tag: Tag): void {
    for (const key of [...this.loading.keys(), ...(this.tagged.get(tag) ?? [])]) this.evict(key);
  }

  clear(): void {
    this.loading.clear();
    this.entries.clear();
  }

  private async settle(key: K, entry: Entry<V>, start: number): Promise<void> {
    try {
      this.keep(key, entry, await entry.loading, start);
    } catch {
      if (this.entries.peek(key) === entry) this.entries.delete(key);
    }
    if (this.loading.get(key) === entry) this.loading.delete(key);
  }

  private keep(key: K, entry: Entry<V>, value: V, start: number): void {
    if (this.entries.peek(key) !== entry) return;
    const { sizeOf, tagsOf } = this.options;
    const size = Math.max(1, Math.ceil(sizeOf(value, key)));
    this.entries.set(key, { loading: entry.loading, value }, { size, start });
    for (const tag of tagsOf?.(value) ?? []) {
      const keys = this.tagged.get(tag);
      if (keys) keys.add(key);
      else this.tagged.set(tag, new Set([key]));
    }
  }

  private untag({ value }: Entry<V>, key: K): void {
    if (value === undefined) return;
    for (const tag of this.options.tagsOf?.(value) ?? []) {
      const keys = this.tagged.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.tagged.delete(tag);
    }
  }
}
