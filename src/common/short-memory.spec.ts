import { describe, expect, it } from '@jest/globals';
import { ShortMemory } from './short-memory.js';

describe('ShortMemory', () => {
  it('shares one read among callers at the same time and shortly after', async () => {
    const memory = new ShortMemory<string, number>(10);
    let reads = 0;
    const read = async (): Promise<number> => (reads += 1);
    expect(await Promise.all([memory.get('a', read), memory.get('a', read)])).toEqual([1, 1]);
    expect(await memory.get('a', read)).toBe(1);
    expect(await memory.get('b', read)).toBe(2);
  });

  it('reads again after forgetting, even when the earlier read ends later', async () => {
    const memory = new ShortMemory<string, string>(10);
    let finish!: (value: string) => void;
    const slow = memory.get('a', () => new Promise((resolve) => (finish = resolve)));
    memory.forget('a');
    expect(await memory.get('a', async () => 'new')).toBe('new');
    finish('old');
    expect(await slow).toBe('old');
    expect(await memory.get('a', async () => 'newer')).toBe('new');
  });

  it('forgets by value, and with it what is still loading', async () => {
    const memory = new ShortMemory<string, number>(10);
    await memory.get('one', async () => 1);
    await memory.get('two', async () => 2);
    const loading = memory.get('three', async () => 3);
    memory.forgetWhere((value) => value === 1);
    await loading;
    const again = async (key: string): Promise<number> => memory.get(key, async () => 9);
    expect([await again('one'), await again('two'), await again('three')]).toEqual([9, 2, 9]);
  });

  it('keeps no failure', async () => {
    const memory = new ShortMemory<string, number>(10);
    await expect(memory.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await memory.get('a', async () => 1)).toBe(1);
  });

  it('lets the oldest go when it is full', async () => {
    const memory = new ShortMemory<number, number>(2);
    for (const key of [1, 2, 3]) await memory.get(key, async () => key);
    expect(await memory.get(3, async () => 9)).toBe(3);
    expect(await memory.get(1, async () => 9)).toBe(9);
  });
});
