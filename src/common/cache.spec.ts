import { describe, expect, it } from '@jest/globals';
import { Cache } from './cache.js';

describe('Cache', () => {
  it('shares one read among callers at the same time and shortly after', async () => {
    const cache = new Cache<string, number>(10);
    let reads = 0;
    const read = async (): Promise<number> => (reads += 1);
    expect(await Promise.all([cache.get('a', read), cache.get('a', read)])).toEqual([1, 1]);
    expect(await cache.get('a', read)).toBe(1);
    expect(await cache.get('b', read)).toBe(2);
  });

  it('reads again after an eviction, even when the earlier read ends later', async () => {
    const cache = new Cache<string, string>(10);
    let finish!: (value: string) => void;
    const slow = cache.get('a', () => new Promise((resolve) => (finish = resolve)));
    cache.evict('a');
    expect(await cache.get('a', async () => 'new')).toBe('new');
    finish('old');
    expect(await slow).toBe('old');
    expect(await cache.get('a', async () => 'newer')).toBe('new');
  });

  it('evicts by value, and with it what is still loading', async () => {
    const cache = new Cache<string, number>(10);
    await cache.get('one', async () => 1);
    await cache.get('two', async () => 2);
    const loading = cache.get('three', async () => 3);
    cache.evictWhere((value) => value === 1);
    await loading;
    const again = async (key: string): Promise<number> => cache.get(key, async () => 9);
    expect([await again('one'), await again('two'), await again('three')]).toEqual([9, 2, 9]);
  });

  it('keeps no failure', async () => {
    const cache = new Cache<string, number>(10);
    await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.get('a', async () => 1)).toBe(1);
  });

  it('lets the least recently used go when it is full', async () => {
    const cache = new Cache<number, number>(2);
    for (const key of [1, 2, 3]) await cache.get(key, async () => key);
    expect(await cache.get(3, async () => 9)).toBe(3);
    expect(await cache.get(1, async () => 9)).toBe(9);
  });
});
