/** How long an instance believes what it read (milliseconds): another instance's change is seen within a second. */
const BELIEVED_FOR = 900;

interface Entry<V> {
  readonly until: number;
  readonly loading: Promise<V>;
  /** Undefined until loaded. */
  value?: V;
}

/** Remembers committed reads for less than a second. Callers at the same time share one read; what this instance changes it forgets. */
export class ShortMemory<K, V> {
  private readonly entries = new Map<K, Entry<V>>();

  /** Keeps at most `size` values, the oldest go first. */
  constructor(private readonly size: number) {}

  /** `load` begins after the call, so a value is never older than the time it is believed for. Rejections are not kept. */
  get(key: K, load: () => Promise<V>): Promise<V> {
    const now = performance.now();
    const known = this.entries.get(key);
    if (known && known.until > now) return known.loading;
    const entry: Entry<V> = { until: now + BELIEVED_FOR, loading: load() };
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > this.size) this.entries.delete(this.entries.keys().next().value as K);
    void this.settle(key, entry);
    return entry.loading;
  }

  forget(key: K): void {
    this.entries.delete(key);
  }

  /** Forgets what `concerns` names, and all that is still loading. */
  forgetWhere(concerns: (value: V) => boolean): void {
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
      if (this.entries.get(key) === entry) this.entries.delete(key);
    }
  }
}
