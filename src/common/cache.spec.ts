import { describe, expect, it } from '@jest/globals';
import { Cache } from './cache.js';

const SIZES = { bytes: 10, sizeOf: (): number => 1 };

describe('Cache', () => {
  it('shares one read among callers at the same time and shortly after', async () => {
    const cache = new Cache<string, number>(SIZES);
    let reads = 0;
    const read = async (): Promise<number> => (reads += 1);
    expect(await Promise.all([cache.get('a', read), cache.get('a', read)])).toEqual([1, 1]);
    expect(await cache.get('a', read)).toBe(1);
    expect(await cache.get('b', read)).toBe(2);
  });

  it('reads again after an eviction, even when the earlier read ends later', async () => {
    const cache = new Cache<string, string>(SIZES);
    let finish!: (value: string) => void;
    const slow = cache.get('a', () => new Promise((resolve) => (finish = resolve)));
    cache.evict('a');
    expect(await cache.get('a', async () => 'new')).toBe('new');
    finish('old');
    expect(await slow).toBe('old');
    expect(await cache.get('a', async () => 'newer')).toBe('new');
  });

  it('evicts by tag, and with it what is still loading', async () => {
    const cache = new Cache<string, number[]>({ ...SIZES, tagsOf: (value) => value });
    await cache.get('one', async () => [1, 3]);
    await cache.get('two', async () => [2, 3]);
    const loading = cache.get('three', async () => [4]);
    cache.evictTagged(1);
    await loading;
    const again = async (key: string): Promise<number[]> => cache.get(key, async () => [9]);
    expect([await again('one'), await again('two'), await again('three')]).toEqual([[9], [2, 3], [9]]);
    cache.evictTagged(3);
    cache.evictTagged(1);
    expect([await again('one'), await again('two')]).toEqual([[9], [9]]);
  });

  it('of keys that are mostly asked for once, keeps the values of those that are asked for again soon', async () => {
    let [now, reads] = [1000, 0];
    const cache = new Cache<number, number>({ ...SIZES, repeatedOnly: true, ttl: 900, clock: { now: () => now } });
    const read = (key: number): Promise<number> => cache.get(key, async () => (reads += 1));
    expect(await Promise.all([read(1), read(1)])).toEqual([1, 1]);
    expect([await read(1), await read(1), await read(2)]).toEqual([2, 2, 3]);
    now += 1000;
    expect([await read(1), await read(1)]).toEqual([4, 4]);
    now += 2000;
    expect([await read(1), await read(1), await read(1)]).toEqual([5, 6, 6]);
  });

  it('keeps no failure', async () => {
    const cache = new Cache<string, number>(SIZES);
    await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.get('a', async () => 1)).toBe(1);
  });

  it('lets the least recently used go when the bytes are used up, and keeps nothing that is larger than all of them', async () => {
    const cache = new Cache<number, string>({ bytes: 10, sizeOf: ({ length }) => length });
    for (const key of [1, 2, 3]) await cache.get(key, async () => 'four');
    expect(await cache.get(3, async () => 'new')).toBe('four');
    expect(await cache.get(1, async () => 'new')).toBe('new');
    await cache.get(4, async () => 'eleven long');
    expect(await cache.get(4, async () => 'new')).toBe('new');
  });

  it('keeps a value for its time from when it was asked for, however long it took to load', async () => {
    let now = 1000;
    const cache = new Cache<string, number>({ ...SIZES, ttl: 900, clock: { now: () => now } });
    const first = cache.get('a', async () => 1);
    now = 1500;
    await first;
    await new Promise(setImmediate);
    expect(await cache.get('a', async () => 2)).toBe(1);
    now = 2000;
    expect(await cache.get('a', async () => 3)).toBe(3);
  });
});
