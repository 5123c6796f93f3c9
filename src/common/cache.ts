import { LRUCache } from 'lru-cache';
import { RecentKeys } from './recent-keys.js';

/** How long an instance trusts what it read (milliseconds): another instance's change is seen within a second. */
const DEFAULT_TTL = 900;

type Tag = string | number;

interface Eviction {
  readonly turn: number;
  readonly at: number;
}

interface Loading<V> {
  readonly loaded: Promise<V>;
  readonly start: number;
  /** Evictions before this one do not concern it. */
  readonly turn: number;
  readonly isKept: boolean;
}

interface Entry<V> extends Pick<Loading<V>, 'loaded' | 'turn'> {
  readonly value: V;
}

export interface CacheOptions<K, V> {
  /** The least recently used go first, when the values together take more. */
  readonly bytes: number;
  /** Bytes that an entry takes with all that is kept on its value, roughly. */
  readonly sizeOf: (value: V, key: K) => number;
  /** What {@link Cache.evictTagged} finds a value by. */
  readonly tagsOf?: (value: V) => readonly Tag[];
  /** Keeps a value only where its key is asked for again soon: for keys of which most are asked for once. */
  readonly repeatedOnly?: boolean;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly clock?: { now(): number };
}

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): keeps committed reads for less than a second. Callers at the same time
 * share one read; what this instance changes it evicts.
 */
export class Cache<K extends string | number, V> {
  private readonly entries: LRUCache<K, Entry<V>>;
  private readonly loading = new Map<K, Loading<V>>();
  /** The latest evictions by tag, the oldest first. */
  private readonly evictions = new Map<Tag, Eviction>();
  private turn = 0;
  private readonly options: Required<CacheOptions<K, V>>;
  private readonly asked: RecentKeys<K> | null;

  constructor(options: CacheOptions<K, V>) {
    this.options = { ttl: DEFAULT_TTL, clock: performance, tagsOf: () => [], repeatedOnly: false, ...options };
    const { bytes, ttl, clock, repeatedOnly } = this.options;
    this.asked = repeatedOnly ? new RecentKeys(ttl) : null;
    this.entries = new LRUCache({ maxSize: bytes, ttl, ttlResolution: 0, perf: clock });
  }

  /** `load` begins after the call, so a value is never older than its ttl. Rejections are not kept. */
  get(key: K, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known && !this.isEvicted(known)) return known.loaded;
    const { ttl, clock } = this.options;
    const start = clock.now();
    const early = this.loading.get(key);
    if (early && early.start + ttl > start) return early.loaded;
    const isKept = this.asked === null || this.asked.note(key, start);
    const loading = { loaded: load(), start, turn: this.turn, isKept };
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
    this.forgetEvictions();
    this.evictions.delete(tag);
    this.evictions.set(tag, { turn: (this.turn += 1), at: this.options.clock.now() });
  }

  clear(): void {
    this.loading.clear();
    this.entries.clear();
  }

  private settle(key: K, { loaded, start, turn, isKept }: Loading<V>, value?: V): void {
    if (this.loading.get(key)?.loaded !== loaded) return;
    this.loading.delete(key);
    if (value === undefined || !isKept) return;
    const size = Math.max(1, Math.ceil(this.options.sizeOf(value, key)));
    this.entries.set(key, { loaded, turn, value }, { size, start });
  }

  /** Asked of each value that is met again, because nobody keeps who has which tag: most are never evicted. */
  private isEvicted({ value, turn }: Entry<V>): boolean {
    if (this.evictions.size === 0) return false;
    this.forgetEvictions();
    return this.options.tagsOf(value).some((tag) => (this.evictions.get(tag)?.turn ?? 0) > turn);
  }

  /** Those before the ttl: what they concern has ended by itself. */
  private forgetEvictions(): void {
    const { ttl, clock } = this.options;
    const oldest = clock.now() - ttl;
    for (const [tag, { at }] of this.evictions) {
      if (at >= oldest) break;
      this.evictions.delete(tag);
    }
  }
}
