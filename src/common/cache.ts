import { LRUCache } from 'lru-cache';

/** How long an instance trusts what it read (milliseconds): another instance's change is seen within a second. */
const DEFAULT_TTL = 900;

type Tag = string | number;

interface Loading<V> {
  readonly loaded: Promise<V>;
  readonly start: number;
}

interface Entry<V> {
  readonly loaded: Promise<V>;
  readonly value: V;
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
  private readonly loading = new Map<K, Loading<V>>();
  private readonly tagged = new Map<Tag, Set<K>>();

  constructor(private readonly options: CacheOptions<K, V>) {
    const { bytes, ttl = DEFAULT_TTL, clock = performance, tagsOf } = options;
    const dispose = tagsOf && ((entry: Entry<V>, key: K): void => this.untag(tagsOf(entry.value), key));
    this.entries = new LRUCache({ maxSize: bytes, ttl, ttlResolution: 0, perf: clock, ...(dispose && { dispose }) });
  }

  /** `load` begins after the call, so a value is never older than its ttl. Rejections are not kept. */
  get(key: K, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known) return known.loaded;
    const { ttl = DEFAULT_TTL, clock = performance } = this.options;
    const start = clock.now();
    const early = this.loading.get(key);
    if (early && early.start + ttl > start) return early.loaded;
    const loading = { loaded: load(), start };
    this.loading.set(key, loading);
    loading.loaded.then(
      (value) => this.settle(key, loading, value),
      () => this.settle(key, loading),
    );
    return loading.loaded;
  }

  evict(key: K): void {
    this.loading.delete(key);
    this.entries.delete(key);
  }

  /** Evicts what has this tag, and all that is still loading. */
  evictTagged(tag: Tag): void {
    this.loading.clear();
    for (const key of this.tagged.get(tag) ?? []) this.entries.delete(key);
  }

  clear(): void {
    this.loading.clear();
    this.entries.clear();
  }

  private settle(key: K, loading: Loading<V>, value?: V): void {
    if (this.loading.get(key) !== loading) return;
    this.loading.delete(key);
    if (value !== undefined) this.keep(key, { loaded: loading.loaded, value }, loading.start);
  }

  private keep(key: K, entry: Entry<V>, start: number): void {
    const { sizeOf, tagsOf } = this.options;
    this.entries.set(key, entry, { size: Math.max(1, Math.ceil(sizeOf(entry.value, key))), start });
    for (const tag of tagsOf?.(entry.value) ?? []) {
      const keys = this.tagged.get(tag);
      if (keys) keys.add(key);
      else this.tagged.set(tag, new Set([key]));
    }
  }

  private untag(tags: readonly Tag[], key: K): void {
    for (const tag of tags) {
      const keys = this.tagged.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.tagged.delete(tag);
    }
  }
}
